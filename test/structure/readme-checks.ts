/** Checks that what README.md shows in its code blocks exists: npm scripts, commands of the CLI, files of the checkout. */
import type { Finding } from './source.js';

/** What there is to refer to. */
export interface Known {
  readonly scripts: readonly string[];
  /** The source text of engine/cli, in which a command is declared by `.command('name`. */
  readonly cliText: string;
  readonly exists: (path: string) => boolean;
}

/** Commands and files in code blocks (fenced by ```) that do not exist. */
export function checkReadme(readme: string, known: Known): Finding[] {
  const findings: Finding[] = [];
  let inBlock = false;
  readme.split('\n').forEach((line, index) => {
    if (line.trimStart().startsWith('```')) inBlock = !inBlock;
    else if (inBlock) findings.push(...faultsIn(line, known).map((message) => ({ file: 'README.md', line: index + 1, message })));
  });
  return findings;
}

function faultsIn(line: string, known: Known): string[] {
  const script = /^\s*npm (?:run )([\w:-]+)/.exec(line)?.[1] ?? /^\s*npm (start|test)\b/.exec(line)?.[1];
  const command = /^\s*(?:npx )?putmodel ([a-z][\w-]*)/.exec(line)?.[1];
  const paths = line.match(/\b(?:scenarios|bench|results\/reference|test)\/[\w./-]*\w/g) ?? [];
  return [
    ...(script !== undefined && !known.scripts.includes(script) ? [`npm script ${script} does not exist`] : []),
    ...(command !== undefined && !isCommand(command, known.cliText) ? [`putmodel has no command ${command}`] : []),
    ...paths.filter((path) => !known.exists(path)).map((path) => `${path} does not exist`),
  ];
}

function isCommand(name: string, cliText: string): boolean {
  return new RegExp(`(\\.command|new Command|createCommand)\\(\\s*['"\`]${name}\\b`).test(cliText);
}
