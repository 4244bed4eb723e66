/** `putmodel envelope build | query`: fio results in, a device model out; and what it says about a point. */
import { type Command } from 'commander';
/** Where the command prints: results on standard output, warnings on standard error. */
export interface EnvelopeIo {
    stdout(text: string): void;
    stderr(text: string): void;
}
/** Adds the command with its sub-commands. */
export declare function addEnvelopeCommand(program: Command, io: EnvelopeIo): void;
