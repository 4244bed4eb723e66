/** `putmodel schema <scenario|sweep|envelope|result>`: JSON Schema (draft 2020-12) for editors. */
import { Argument, type Command } from 'commander';
import { encodeJson } from '../../scenario/json.js';
import { envelopeJsonSchema, resultJsonSchema, scenarioJsonSchema } from '../../scenario/kinds.js';
import { sweepJsonSchema } from '../../sweep/sweep-file.js';
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
    .addArgument(new Argument('<document>', 'which one').choices(Object.keys(schemas)))
    .addHelpText('after', help)
    .action((name: string) => {
      io.stdout(encodeJson(schemas[name]?.()));
    });
}

const schemas: Readonly<Record<string, () => unknown>> = {
  scenario: scenarioJsonSchema,
  sweep: sweepJsonSchema,
  envelope: envelopeJsonSchema,
  result: resultJsonSchema,
};
