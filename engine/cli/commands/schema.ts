/** `putmodel schema <scenario|envelope|result>`: JSON Schema (draft 2020-12) for editors. */
import { Argument, type Command } from 'commander';
import { PutmodelError } from '../../kernel/errors.js';
import { encodeJson } from '../../scenario/json.js';
import { envelopeJsonSchema, resultJsonSchema, scenarioJsonSchema } from '../../scenario/kinds.js';
import type { CliIo } from '../flags.js';

const help = `
Example:
  $ putmodel schema scenario > scenario.schema.json
  and in a scenario's first line, for editors with a YAML language server:
  # yaml-language-server: $schema=scenario.schema.json
`;

/** Adds the command. */
export function addSchemaCommand(program: Command, io: CliIo): void {
  program
    .command('schema')
    .description('print the JSON Schema of a document: its keys, types, ranges, units and meaning')
    .addArgument(new Argument('<document>', 'which one').choices(['scenario', 'sweep', 'envelope', 'result']))
    .addHelpText('after', help)
    .action((name: string) => {
      io.stdout(encodeJson(schemaOf(name)));
    });
}

function schemaOf(name: string): unknown {
  if (name === 'scenario') return scenarioJsonSchema();
  if (name === 'envelope') return envelopeJsonSchema();
  if (name === 'result') return resultJsonSchema();
  throw new PutmodelError({
    code: 'INPUT_UNSUPPORTED',
    message: `there is no schema of ${name} in this version`,
    expected: 'scenario, envelope or result',
  });
}
