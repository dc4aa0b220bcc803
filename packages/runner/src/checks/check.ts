import type { RequiredCheck } from '@agentteam/contract';

/** One thing to run against the result. */
export interface Check {
  readonly kind: RequiredCheck | 'validation';
  /** Program and arguments. */
  readonly command: readonly string[];
  /** How people write it, where that is not the command. */
  readonly shown?: string;
  /** Where to run it, from the root of the repository; absent: there. */
  readonly directory?: string;
  /** What asked for it: `package.json scripts.test`. */
  readonly foundIn: string;
}

/** A check's command, for people. */
export function shownCommand({ shown, command }: Check): string {
  return shown ?? command.join(' ');
}

/** The fields that say what to run where nothing is found. */
export const COMMAND_FIELDS: Readonly<Record<RequiredCheck, string>> = {
  test: 'qualityGates.testCommand',
  lint: 'qualityGates.lintCommand',
};
