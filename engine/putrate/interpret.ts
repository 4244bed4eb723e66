/** What a measured bandwidth stands for, by how it was measured. The keys are the document's. */

/** Ways to measure that the document tells apart; any other is unknown to it. */
export const measurementMethods = ['fio_direct', 'rocksdb_internal', 'unknown'] as const;

export type MeasurementMethod = (typeof measurementMethods)[number];

/** `interpret_bandwidth_measurement`'s answer, keys verbatim. */
export interface BandwidthInterpretation {
  /** MiB/s. */
  readonly raw_measurement: number;
  readonly measurement_type: 'available_bandwidth_for_user_operations';
  /** The bandwidth itself (MiB/s) when the drive was measured directly. */
  readonly physical_capacity_component: number | 'degraded' | 'unknown';
  readonly software_competition_component: 'minimal' | 'significant' | 'unknown';
  readonly interpretation: 'near_theoretical_capacity' | 'available_after_competition' | 'integrated_available_bandwidth';
  readonly dual_structure_integration: {
    /** Below 4000 MiB/s. */
    readonly phase_a_captured: boolean;
    /** Below 1200 MiB/s. */
    readonly phase_b_captured: boolean;
    readonly integration_level: 'automatic' | 'partial';
  };
}

/** The limits are those of the document's drive (4116.6 MiB/s when fresh); on another drive they say little. */
export function interpretBandwidth(bandwidthMibPerSec: number, method: MeasurementMethod = 'unknown'): BandwidthInterpretation {
  const captured = bandwidthMibPerSec < 1200;
  return {
    raw_measurement: bandwidthMibPerSec,
    measurement_type: 'available_bandwidth_for_user_operations',
    ...componentsOf(bandwidthMibPerSec, method),
    dual_structure_integration: {
      phase_a_captured: bandwidthMibPerSec < 4000,
      phase_b_captured: captured,
      integration_level: captured ? 'automatic' : 'partial',
    },
  };
}

type Components = Pick<BandwidthInterpretation, 'physical_capacity_component' | 'software_competition_component' | 'interpretation'>;

function componentsOf(bandwidthMibPerSec: number, method: MeasurementMethod): Components {
  switch (method) {
    case 'fio_direct':
      return {
        physical_capacity_component: bandwidthMibPerSec,
        software_competition_component: 'minimal',
        interpretation: 'near_theoretical_capacity',
      };
    case 'rocksdb_internal':
      return {
        physical_capacity_component: 'degraded',
        software_competition_component: 'significant',
        interpretation: 'available_after_competition',
      };
    case 'unknown':
      return {
        physical_capacity_component: 'unknown',
        software_competition_component: 'unknown',
        interpretation: 'integrated_available_bandwidth',
      };
  }
}
