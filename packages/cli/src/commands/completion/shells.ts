import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import type { CommandWords } from './vocabulary.ts';
import { zshScript } from './zsh.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Makes the script that a shell sources. */
export const completionScript: Readonly<
  Record<Shell, (commands: readonly CommandWords[]) => string>
> = { bash: bashScript, zsh: zshScript, fish: fishScript };
