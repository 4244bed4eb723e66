/** The report of each kind of scenario. Who prints one asks here and not which kind it is. */
import type { Kind, KindName, Result } from '../scenario/kind.js';
import { renderBacklogReport } from './backlog.js';
import { renderCommitReport } from './commit.js';
import { renderReplayReport } from './replay.js';
import type { TerminalContext, TerminalStyle } from './terminal-text.js';
import { renderLsmReport } from './terminal.js';

interface Report {
  render(result: Result, context: TerminalContext, style: TerminalStyle): string;
}

const reports: Readonly<Record<KindName, Report>> = {
  lsm: { render: renderLsmReport },
  backlog: { render: renderBacklogReport },
  commit: { render: renderCommitReport },
  replay: { render: renderReplayReport },
};

/** A result as text for a terminal, with a final newline. */
export function renderReport(kind: Pick<Kind, 'name'>, result: Result, context: TerminalContext, style: TerminalStyle): string {
  return reports[kind.name].render(result, context, style);
}
