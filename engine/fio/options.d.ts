/**
 * The options that fio echoes, as the axes of an envelope: pattern, read share, block size, iodepth, numjobs. Values are the strings
 * people wrote ("01", "4K", "16384", "4096B", "1z"), defaults are fio's own (HOWTO: rw=read, bs=4k, iodepth=1, numjobs=1, rwmixread=50).
 */
/** What a job was asked to do. A null means that the option's text says something this program does not place on an axis. */
export interface FioOptions {
    readonly pattern: 'random' | 'sequential' | null;
    /** Reads of all requests, percent. null for trim and unknown modes. */
    readonly readPercent: number | null;
    /** null for mixed block sizes (bssplit, bsrange, "4k,64k") and zone units ("1z"). */
    readonly blockBytes: number | null;
    /** Per job. 1 for engines that are synchronous whatever the option says, as fio itself does. */
    readonly iodepth: number | null;
    readonly numjobs: number | null;
    /** The text as echoed; global options under the job's own. */
    readonly echoed: Readonly<Record<string, string>>;
}
/** Reads the merged "global options" and "job options". Values that are not strings or numbers are left out. */
export declare function readFioOptions(raw: Readonly<Record<string, unknown>>): FioOptions;
/**
 * A size as fio writes it, bytes; null when it is not one ("1z" counts zones, "10%" a share). k, m, g, t, p are powers of 1024 with or
 * without b; `ki`, `mi`... are powers of 1000: that is fio's default kb_base=1024, and kb_base=1000 swaps the two. (Checked with fio
 * 3.33: bs=4kib makes requests of 4000 bytes.)
 */
export declare function parseFioSize(text: string, kbBase?: 1000 | 1024): number | null;
