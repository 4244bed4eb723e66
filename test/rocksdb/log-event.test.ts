import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventCursor, inputLists, listField, numberField, textField } from '../../engine/rocksdb/log-event.js';

const line =
  '{"time_micros": 17, "job": 7, "event": "compaction_started", "compaction_reason": "LevelL0FilesNum", "files_L0": [11, 10], "files_L1": [], "score": 1.25, "input_data_size": 64933062}';

describe('the fields of an event line', () => {
  it('a number, a text and a list are read by their key', () => {
    expect(numberField(eventCursor(line), '"job": ')).toBe(7);
    expect(numberField(eventCursor(line), '"score": ')).toBe(1.25);
    expect(numberField(eventCursor('{"oldest_snapshot_seqno": -1}'), '"oldest_snapshot_seqno": ')).toBe(-1);
    expect(textField(eventCursor(line), '"event": ')).toBe('compaction_started');
    expect(listField(eventCursor(line), '"files_L0": ')).toEqual([11, 10]);
    expect(listField(eventCursor(line), '"files_L1": ')).toEqual([]);
  });

  it('fields may be asked for in any order', () => {
    const cursor = eventCursor(line);
    expect(numberField(cursor, '"input_data_size": ')).toBe(64933062);
    expect(numberField(cursor, '"job": ')).toBe(7);
  });

  it('an absent key, and a value of another type, are null', () => {
    expect(numberField(eventCursor(line), '"output_level": ')).toBeNull();
    expect(numberField(eventCursor(line), '"event": ')).toBeNull();
    expect(textField(eventCursor(line), '"job": ')).toBeNull();
    expect(listField(eventCursor(line), '"job": ')).toBeNull();
  });

  it('the input files of a compaction come level by level', () => {
    expect(inputLists(eventCursor(line))).toEqual([
      { level: 0, files: [11, 10] },
      { level: 1, files: [] },
    ]);
  });

  it('cut anywhere, a field is either whole or absent, never shortened', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: line.length }), (length) => {
        const cut = line.slice(0, length);
        expect([null, 64933062]).toContain(numberField(eventCursor(cut), '"input_data_size": '));
        expect([null, 'LevelL0FilesNum']).toContain(textField(eventCursor(cut), '"compaction_reason": '));
        expect([null, '11,10']).toContain(listField(eventCursor(cut), '"files_L0": ')?.join(',') ?? null);
      }),
      { seed: 42, numRuns: 400 },
    );
  });
});
