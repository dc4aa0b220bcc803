import { cutTexts } from '@agentteam/text';

/**
 * Characters of all prompts together where the prompts of others are told. Each agent is told its own as a
 * whole. An environment variable holds 128 KiB, and a character may take six bytes in it.
 */
const MOST_CHARACTERS = 16_000;

/** Prompts for those who have other work to do: the longest are cut, and say so. */
export function briefs(prompts: readonly string[]): readonly string[] {
  return cutTexts(prompts, MOST_CHARACTERS);
}
