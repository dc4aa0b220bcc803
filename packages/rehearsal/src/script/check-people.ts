import type { Problem } from '@agentteam/compiler';
import { shownName } from '@agentteam/contract';
import type { Moment } from './people.ts';
import type { Script } from './script.ts';

type Path = Problem['path'];

/** Checks that a person acts at moments that exist. Agents that the script omits have turns that it cannot know. */
export function checkPeople({ agents, people = {} }: Script): readonly Problem[] {
  const { messages = [], pauses = [] } = people;
  const check = (part: 'messages' | 'pauses', moments: readonly { readonly after: Moment }[]) =>
    moments.flatMap(({ after }, index) => {
      const path: Path = ['people', part, index, 'after', 'turn'];
      const turns = Object.hasOwn(agents, after.agent)
        ? agents[after.agent]?.turns.length
        : undefined;
      if (turns === undefined || after.turn <= turns) return [];
      const problem: Problem = {
        code: 'unknown-turn',
        path,
        message: `\`${shownName(after.agent)}\` has ${turns} ${turns === 1 ? 'turn' : 'turns'}`,
        hint: 'name one of its turns, or add turns to the agent',
      };
      return [problem];
    });
  return [...check('messages', messages), ...check('pauses', pauses)];
}
