/** What is wrong with the lines of a log or trace: named by number, all of them at once, as long as they are few. */
import { PutmodelError, type Issue } from '../kernel/errors.js';

/** Collects bad lines; a reader goes on after one. */
export interface LineIssues {
  add(lineNumber: number, message: string, found: string, expected: string): void;
  /** @throws PutmodelError INPUT_SYNTAX with every bad line, if there was one. */
  throwIfAny(): void;
}

/** So many bad lines are told; a file of another format has only bad ones. */
const shownIssues = 20;
const shownCharacters = 60;

/** An empty collection for one file. */
export function createLineIssues(file: string | undefined): LineIssues {
  const issues: Issue[] = [];
  let more = 0;
  return {
    add(line, message, found, expected) {
      if (issues.length >= shownIssues) {
        more++;
        return;
      }
      const shown = found.length > shownCharacters ? `${found.slice(0, shownCharacters)}...` : found;
      issues.push({ code: 'INPUT_SYNTAX', message, file, line, found: JSON.stringify(shown), expected });
    },
    throwIfAny() {
      if (issues.length === 0) return;
      if (more > 0) issues.push({ code: 'INPUT_SYNTAX', message: `${String(more)} more lines like these`, file });
      throw new PutmodelError(issues);
    },
  };
}
