import { LOADER_VARIABLES } from '@agentteam/contract';
import { shellQuoted } from '@agentteam/text';
import type { CommandVariables } from '../../environment/variables.ts';

/** The team's variables that Claude Code's own process gets. */
export function variablesOfProcess({ own }: CommandVariables): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(own).filter(([name]) => !isLoaderVariable(name)));
}

/**
 * A shell script with the team's other variables, which would change how Claude Code itself starts. It runs
 * before each command of the tool `Bash`.
 */
export function commandScript({ own }: CommandVariables): string {
  return Object.entries(own)
    .filter(([name]) => isLoaderVariable(name))
    .map(([name, value]) => `export ${name}=${shellQuoted(value)}\n`)
    .join('');
}

function isLoaderVariable(name: string): boolean {
  return (LOADER_VARIABLES as readonly string[]).includes(name);
}
