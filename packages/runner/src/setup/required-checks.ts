import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { EXIT, LEAD, type RequiredCheck } from '@agentteam/contract';
import { type TeamRepository, treeOf } from '../git/repository.ts';
import { type Check, COMMAND_FIELDS } from '../quality-gates/check.ts';
import { detectChecks, SEARCHED_FOR } from '../quality-gates/detect.ts';
import { StepFailure } from '../step/failure.ts';
import { print } from '../step/print.ts';

/**
 * Prints the tests and linters that the result must pass, as the repository defines them now.
 * @throws StepFailure when the repository defines none, or their program is not installed.
 */
export async function announceChecks(
  repository: TeamRepository,
  required: readonly RequiredCheck[],
  path: string,
): Promise<void> {
  for (const kind of required) {
    const found = await detectChecks(treeOf(repository, LEAD), kind);
    if (found.length === 0) {
      const message = `A passing ${kind} is required, but no ${kind} command was found in the repository. The search covers ${SEARCHED_FOR}. Set ${COMMAND_FIELDS[kind]} to name the command.`;
      throw new StepFailure(message, EXIT.invalid);
    }
    for (const check of found) {
      print(`the result must pass ${kind}: ${check.command.join(' ')} (${check.foundIn})`);
      checkProgram(check, path, kind);
    }
  }
}

function checkProgram({ command, foundIn }: Check, path: string, kind: RequiredCheck): void {
  const [program = ''] = command;
  // A program in the repository.
  if (program.includes('/')) return;
  if (path.split(delimiter).some((directory) => isProgram(join(directory, program)))) return;
  throw new StepFailure(
    `A passing ${kind} is required, but the program ${program} of its command \`${command.join(' ')}\` (${foundIn}) is not installed. Use an image that has it, or set ${COMMAND_FIELDS[kind]}.`,
    EXIT.invalid,
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
