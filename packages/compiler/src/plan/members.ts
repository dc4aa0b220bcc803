import type { MemberSpec } from '@agentteam/contract';
import { cutTexts } from '@agentteam/text';
import type { ResolvedAgent } from '../resolve/agents.ts';

/** The team's members as its different specs list them, lead first. */
export interface MemberLists {
  /** For the lead and for setup. Long prompts are shortened: an agent's own spec has its whole prompt. */
  readonly detailed: readonly MemberSpec[];
  /**
   * For teammates: without prompts, scopes and digests. A teammate does not need them, and with them the
   * Workflow's size would grow with the square of the number of teammates.
   */
  readonly roster: readonly MemberSpec[];
  /** For the steps that merge, deliver and summarise: without prompts. */
  readonly scoped: readonly MemberSpec[];
}

/**
 * Length of all prompts together, in characters, in one spec. Linux limits an environment variable to 128 KiB,
 * and a character takes up to six bytes in it.
 */
const MOST_CHARACTERS = 16_000;

export function memberLists(agents: readonly ResolvedAgent[]): MemberLists {
  const prompts = cutTexts(
    agents.map(({ prompt }) => prompt),
    MOST_CHARACTERS,
  );
  const detailed = agents.map((agent, index) => memberOf(agent, prompts[index] ?? ''));
  const scoped = detailed.map((member) => ({ ...member, prompt: '' }));
  const roster = scoped.map(({ scope: _scope, work: _work, ...member }) => member);
  return { detailed, roster, scoped };
}

function memberOf(
  { name, role, model, dependsOn, cwd, scope, work }: ResolvedAgent,
  prompt: string,
): MemberSpec {
  return { name, role, model, prompt, dependsOn, cwd, ...(scope && { scope }), work };
}
