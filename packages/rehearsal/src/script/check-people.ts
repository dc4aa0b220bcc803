import type { Problem } from '@agentteam/compiler';
import { shownName } from '@agentteam/contract';
import type { Moment } from './people.ts';
import type { Script } from './script.ts';

type Path = Problem['path'];

/** Checks that a person acts at moments that exist. Agents that the script omits have turns that it cannot know. */
export function checkPeople({ agents, people = {} }: Script): readonly Problem[] {
  const { messages = [], interrupts = [], pauses = [] } = people;
  const turnsOf = (name: string) => (Object.hasOwn(agents, name) ? agents[name]?.turns : undefined);
  const check = (
    part: 'messages' | 'interrupts' | 'pauses',
    moments: readonly { readonly after: Moment }[],
  ) =>
    moments.flatMap(({ after }, index) => {
      const path: Path = ['people', part, index, 'after', 'turn'];
      const turns = turnsOf(after.agent)?.length;
      if (turns === undefined || after.turn <= turns) return [];
      const problem: Problem = {
        code: 'unknown-turn',
        path,
        message: `\`${shownName(after.agent)}\` has ${turns} ${turns === 1 ? 'turn' : 'turns'}`,
        hint: 'name one of its turns, or add turns to the agent',
      };
      return [problem];
    });
  const idle = interrupts.flatMap(({ after }, index): readonly Problem[] => {
    const turn = turnsOf(after.agent)?.[after.turn - 1];
    if (turn === undefined || (turn.tools ?? []).length > 0) return [];
    return [
      {
        code: 'nothing-to-interrupt',
        path: ['people', 'interrupts', index, 'after', 'turn'],
        message: `turn ${after.turn} of \`${shownName(after.agent)}\` has no tools, so it ends at once`,
        hint: 'name a turn with a tool that takes a while, such as Bash with a loop',
      },
    ];
  });
  return [
    ...check('messages', messages),
    ...check('interrupts', interrupts),
    ...idle,
    ...check('pauses', pauses),
  ];
}
