import type { RequiredCheck } from '@agentteam/contract';

/** A command that the result must pass. */
export interface Check {
  readonly kind: RequiredCheck | 'validation';
  /** Program and arguments. */
  readonly command: readonly string[];
  /** The command as it is shown to people, if that differs. */
  readonly shown?: string;
  /** Working directory, relative to the repository's root; absent for the root itself. */
  readonly directory?: string;
  /** Where the command comes from, for example `package.json scripts.test`. */
  readonly foundIn: string;
}

/** The command, as it is shown to people. */
export function shownCommand({ shown, command }: Check): string {
  return shown ?? command.join(' ');
}

/** Fields of the team's spec that name a check's command. */
export const COMMAND_FIELDS: Readonly<Record<RequiredCheck, string>> = {
  test: 'qualityGates.testCommand',
  lint: 'qualityGates.lintCommand',
};
