/**
 * The flags of db_bench 7.8.3 by type, each with its default: the section tools/db_bench_tool.cc of `db_bench --help`, as data.
 * (The default of `benchmarks`, a list of nearly all of them, is left out: the simulator asks for the list.)
 */

/** gflags types. Integers are decimal or 0x hexadecimal; unsigned ones refuse a minus sign. */
export type FlagType = 'bool' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'double' | 'string';

const flagsByType: Readonly<Record<FlagType, string>> = {
  bool: `
    adaptive_readahead=false advise_random_on_open=true allow_concurrent_memtable_write=true allow_data_in_errors=false async_io=false
    auto_prefix_mode=false avoid_flush_during_recovery=false blob_db_enable_gc=false blob_db_is_fifo=false block_align=false
    build_info=false cache_index_and_filter_blocks=false charge_blob_cache=false charge_compression_dictionary_building_buffer=false
    charge_file_metadata=false charge_filter_construction=false charge_table_reader=false check_flush_compaction_key_order=true
    compression_use_zstd_dict_trainer=true confidence_interval_only=false cost_write_buffer_to_cache=false
    disable_auto_compactions=false disable_wal=false dump_malloc_stats=true enable_blob_files=false
    enable_blob_garbage_collection=false enable_cpu_prio=false enable_index_compression=true enable_io_prio=false enable_numa=false
    enable_pipelined_write=true enable_write_thread_adaptive_yield=true expand_range_tombstones=false
    fifo_compaction_allow_compaction=true file_checksum=false finish_after_writes=false force_consistency_checks=true histogram=false
    identity_as_first_hash=false index_with_first_key=false inplace_update_support=false io_uring_enabled=true
    level_compaction_dynamic_level_bytes=false manual_wal_flush=false memtable_use_huge_page=false memtable_whole_key_filtering=false
    mmap_read=false mmap_write=false multiread_batched=false optimistic_transaction_db=false optimize_filters_for_hits=false
    optimize_filters_for_memory=false optimize_multiget_for_io=true paranoid_checks=true partition_index=false
    partition_index_and_filters=false persist_stats_to_disk=false pin_l0_filter_and_index_blocks_in_cache=false
    pin_top_level_index_and_filter=false prefix_same_as_start=false print_malloc_stats=false progress_reports=true
    rate_limit_auto_wal_flush=false rate_limit_bg_reads=false rate_limit_user_ops=false rate_limiter_auto_tuned=false
    read_cache_direct_read=true read_cache_direct_write=true read_with_latest_user_timestamp=true readonly=false
    report_bg_io_stats=false report_file_operations=false report_open_timing=false reverse_iterator=false seek_missing_prefix=false
    show_table_properties=false simulate_hdd=false sine_mix_rate=false sine_write_rate=false statistics=false sync=false
    total_order_seek=false track_and_verify_wals_in_manifest=false transaction_db=false transaction_set_snapshot=false
    universal_allow_trivial_move=false universal_incremental=false unordered_write=false use_adaptive_mutex=false use_blob_cache=false
    use_blob_db=false use_cache_jemalloc_no_dump_allocator=false use_cache_memkind_kmem_allocator=false
    use_compressed_secondary_cache=false use_cuckoo_table=false use_data_block_hash_index=false
    use_direct_io_for_flush_and_compaction=false use_direct_reads=false use_existing_db=false use_existing_keys=false use_fsync=false
    use_hash_search=false use_keep_filter=false use_plain_table=false use_ribbon_filter=false use_secondary_db=false
    use_shared_block_and_blob_cache=true use_single_deletes=true use_stderr_info_logger=false use_tailing_iterator=false
    use_uint64_comparator=false verify_checksum=true whole_key_filtering=true`,
  int32: `
    blob_cache_numshardbits=6 blob_file_starting_level=0 block_cache_trace_sampling_frequency=1 block_restart_interval=16
    block_size=4096 bloom_bits=-1 bloom_locality=0 cache_numshardbits=-1 checksum_type=4 compaction_pri=3 compaction_readahead_size=0
    compaction_style=0 compressed_secondary_cache_numshardbits=6 compression_level=32767 compression_max_dict_bytes=0
    compression_parallel_threads=1 compression_zstd_max_train_bytes=0 deletepercent=2 disable_seek_compaction=0
    disposable_entries_value_size=64 duration=0 file_opening_threads=16 format_version=5 index_block_restart_interval=1
    key_id_range=100000 key_size=16 level0_file_num_compaction_trigger=4 level0_slowdown_writes_trigger=20
    level0_stop_writes_trigger=36 log_readahead_size=0 max_background_compactions=-1 max_background_flushes=-1 max_background_jobs=2
    max_successive_merges=0 max_write_buffer_number=2 max_write_buffer_number_to_maintain=0 memtable_insert_with_hint_prefix_size=0
    mergereadpercent=70 min_level_to_compress=-1 min_write_buffer_number_to_merge=1 num_bottom_pri_threads=0 num_column_families=1
    num_deletion_threads=1 num_high_pri_threads=0 num_hot_column_families=0 num_levels=7 num_low_pri_threads=0 num_multi_db=0
    open_files=-1 ops_between_duration_checks=1000 perf_level=1 persistent_entries_value_size=64 prefix_size=0
    prepopulate_blob_cache=0 random_access_max_buffer_size=1048576 read_amp_bytes_per_bit=0 readahead_size=0 readwritepercent=90
    secondary_update_interval=5 seek_nexts=0 simulate_hybrid_hdd_multipliers=1 skip_list_lookahead=0 stats_level=3
    stats_per_interval=0 table_cache_numshardbits=4 target_file_size_multiplier=1 thread_status_per_interval=0 threads=1
    trace_replay_threads=1 transaction_sleep=0 universal_compression_size_percent=-1 universal_max_merge_width=0
    universal_max_size_amplification_percent=0 universal_min_merge_width=0 universal_size_ratio=0 user_timestamp_size=0 value_size=100
    value_size_max=102400 value_size_min=100 writable_file_max_buffer_size=1048576`,
  uint32: `
    compressed_secondary_cache_compress_format_version=2 memtable_protection_bytes_per_key=0 overwrite_window_size=1
    write_batch_protection_bytes_per_key=0`,
  int64: `
    arena_block_size=0 batch_size=1 block_cache_trace_max_trace_file_size_in_bytes=68719476736 cache_size=8388608
    compressed_cache_size=-1 compressed_secondary_cache_size=8388608 db_write_buffer_size=0 deletes=-1 hash_bucket_count=1048576
    index_shortening_mode=2 keyrange_num=1 keys_per_prefix=0 max_num_range_tombstones=0 max_scan_distance=0
    max_write_buffer_size_to_maintain=0 merge_keys=-1 metadata_block_size=4096 mix_accesses=-1 mix_max_scan_len=10000
    mix_max_value_size=1024 multiread_stride=0 num=1000000 numdistinct=1000 preclude_last_level_data_seconds=0
    prepopulate_block_cache=0 preserve_internal_time_seconds=0 range_tombstone_width=100 rate_limiter_refill_period_us=100000
    read_cache_size=4294967296 reads=-1 report_interval_seconds=0 row_cache_size=0 sample_for_compression=0 seed=0 simcache_size=-1
    stats_interval=0 stats_interval_seconds=0 target_file_size_base=67108864 write_buffer_size=67108864 writes=-1
    writes_before_delete_range=0 writes_per_range_tombstone=0`,
  uint64: `
    backup_rate_limit=0 benchmark_read_rate_limit=0 benchmark_write_rate_limit=0 blob_cache_size=8388608
    blob_compaction_readahead_size=0 blob_db_bytes_per_sync=524288 blob_db_file_size=268435456 blob_db_max_db_size=0
    blob_db_max_ttl_range=0 blob_db_min_blob_size=0 blob_db_ttl_range_secs=3600 blob_file_size=268435456 bytes_per_sync=0
    compression_max_dict_buffer_bytes=0 delayed_write_rate=8388608 delete_obsolete_files_period_micros=0
    disposable_entries_batch_size=0 disposable_entries_delete_delay=0 fifo_age_for_warm=0 fifo_compaction_max_table_files_size_mb=0
    fifo_compaction_ttl=0 hard_pending_compaction_bytes_limit=137438953472 initial_auto_readahead_size=8192
    inplace_update_num_locks=10000 max_auto_readahead_size=262144 max_bytes_for_level_base=268435456 max_compaction_bytes=0
    max_total_wal_size=0 min_blob_size=0 num_file_reads_for_auto_readahead=2 periodic_compaction_seconds=18446744073709551614
    persistent_entries_batch_size=0 rate_limiter_bytes_per_sec=0 restore_rate_limit=0 sine_mix_rate_interval_milliseconds=10000
    sine_write_rate_interval_milliseconds=10000 slow_usecs=1000000 soft_pending_compaction_bytes_limit=68719476736
    stats_dump_period_sec=600 stats_history_buffer_size=1048576 stats_persist_period_sec=600 subcompactions=1 time_range=100000
    transaction_lock_timeout=100 transaction_sets=2 ttl_seconds=18446744073709551614 wal_bytes_per_sync=0 wal_size_limit_MB=0
    wal_ttl_seconds=0 write_thread_max_yield_usec=100 write_thread_slow_yield_usec=3`,
  double: `
    blob_db_gc_cutoff=0.25 blob_garbage_collection_age_cutoff=0.25 blob_garbage_collection_force_threshold=1
    cache_high_pri_pool_ratio=0 cache_low_pri_pool_ratio=0 compressed_secondary_cache_high_pri_pool_ratio=0
    compressed_secondary_cache_low_pri_pool_ratio=0 compression_ratio=0.5 cuckoo_hash_ratio=0.9 data_block_hash_table_util_ratio=0.75
    experimental_mempurge_threshold=0 iter_k=2.517 iter_sigma=14.236 iter_theta=0 key_dist_a=0 key_dist_b=0 keyrange_dist_a=0
    keyrange_dist_b=0 keyrange_dist_c=0 keyrange_dist_d=0 max_bytes_for_level_multiplier=10 memtable_bloom_size_ratio=0
    mix_get_ratio=1 mix_put_ratio=0 mix_seek_ratio=0 overwrite_probability=0 read_random_exp_range=0 sine_a=1 sine_b=1 sine_c=0
    sine_d=1 sine_mix_rate_noise=0 stddev=2000 trace_replay_fast_forward=1 value_k=0.2615 value_sigma=25.45 value_theta=0`,
  string: `
    backup_dir= benchmarks= blob_compression_type=none blob_db_compression_type=snappy block_cache_trace_file= cache_type=lru_cache
    column_family_distribution= compaction_fadvice=NORMAL compressed_secondary_cache_compression_type=lz4 compression_type=snappy db=
    env_uri= expire_style=none fs_uri= max_bytes_for_level_multiplier_additional= memtablerep=skip_list merge_operator= options_file=
    read_cache_path= report_file=report.csv restore_dir= secondary_cache_uri= secondary_path= simulate_hybrid_fs_file=
    statistics_string= trace_file= truth_db=/dev/shm/truth_db/dbbench value_size_distribution_type=fixed wal_compression=none wal_dir=`,
};

/** One flag. */
export interface FlagSpec {
  readonly name: string;
  readonly type: FlagType;
  /** As `db_bench --help` prints it; an empty string for empty strings. */
  readonly defaultText: string;
}

/** Every flag of db_bench 7.8.3, by name. */
export const dbBenchFlags: ReadonlyMap<string, FlagSpec> = new Map(
  Object.entries(flagsByType).flatMap(([type, list]) =>
    list
      .trim()
      .split(/\s+/)
      .map((entry) => {
        const equals = entry.indexOf('=');
        const name = entry.slice(0, equals);
        return [name, { name, type: type as FlagType, defaultText: entry.slice(equals + 1) }] as const;
      }),
  ),
);
