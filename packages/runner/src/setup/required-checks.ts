import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { EXIT, LEAD, type RequiredCheck } from '@agentteam/contract';
import { type Check, COMMAND_FIELDS } from '../checks/check.ts';
import { detectChecks, LOOKED_FOR } from '../checks/detect.ts';
import { type TeamRepository, treeOf } from '../git/repository.ts';
import { StepFailure } from '../step/failure.ts';
import { say } from '../step/say.ts';

/**
 * Says which tests and linters the result will have to pass, as the repository is now.
 * @throws StepFailure where there are none, or their program is not installed.
 */
export async function announceChecks(
  repository: TeamRepository,
  required: readonly RequiredCheck[],
  path: string,
): Promise<void> {
  for (const kind of required) {
    const found = await detectChecks(treeOf(repository, LEAD), kind);
    if (found.length === 0) {
      const words = `The team must have a passing ${kind}, and nothing in the repository says how to run one. Looked for: ${LOOKED_FOR}. Set ${COMMAND_FIELDS[kind]}.`;
      throw new StepFailure(words, EXIT.invalid);
    }
    for (const check of found) {
      say(`the result must pass ${kind}: ${check.command.join(' ')} (${check.foundIn})`);
      checkProgram(check, path, kind);
    }
  }
}

function checkProgram({ command, foundIn }: Check, path: string, kind: RequiredCheck): void {
  const [program = ''] = command;
  // One that is in the repository.
  if (program.includes('/')) return;
  if (path.split(delimiter).some((directory) => isProgram(join(directory, program)))) return;
  throw new StepFailure(
    `The team must have a passing ${kind}, which is \`${command.join(' ')}\` (${foundIn}), and there is no program ${program} here. Use an image that has it, or set ${COMMAND_FIELDS[kind]}.`,
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
