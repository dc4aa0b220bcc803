import type { Problem } from '@agentteam/compiler';
import { agentNamed, LEAD, parseQuestionId, questionId, shownName } from '@agentteam/contract';
import type { Moment, PeopleScript } from './people.ts';
import type { AgentScript, Script } from './script.ts';

/** Checks that a script has the lead only once. */
export function checkLead({ agents }: Script): readonly Problem[] {
  if (!Object.hasOwn(agents, LEAD) || !Object.hasOwn(agents, shownName(LEAD))) return [];
  const message = `\`${LEAD}\` is another name of \`${shownName(LEAD)}\``;
  return [{ code: 'repeated-agent', path: ['agents', LEAD], message, hint: 'keep one of the two' }];
}

/** Gives the lead, which a script calls `lead` or `team-lead`, its name in the roster. */
export function withRosterNames(script: Script): Script {
  const agents = Object.entries(script.agents).map(
    ([name, agent]) => [agentNamed(name), agentWith(agent)] as const,
  );
  return {
    ...script,
    agents: Object.fromEntries(agents),
    ...(script.people !== undefined && { people: peopleWith(script.people) }),
  };
}

function agentWith(agent: AgentScript): AgentScript {
  return {
    ...agent,
    turns: agent.turns.map((turn) =>
      turn.until?.mail === undefined
        ? turn
        : { ...turn, until: { ...turn.until, mail: turn.until.mail.map(agentNamed) } },
    ),
  };
}

function peopleWith({ answers, messages, interrupts, pauses }: PeopleScript): PeopleScript {
  return {
    ...(answers !== undefined && {
      answers: answers.map((answer) => ({ ...answer, question: idOf(answer.question) })),
    }),
    ...(messages !== undefined && {
      messages: messages.map(({ to, ...message }) => ({
        ...withAgent(message),
        ...(to !== undefined && { to: agentNamed(to) }),
      })),
    }),
    ...(interrupts !== undefined && { interrupts: interrupts.map(withAgent) }),
    ...(pauses !== undefined && { pauses: pauses.map(withAgent) }),
  };
}

function withAgent<T extends { readonly after: Moment }>(part: T): T {
  return { ...part, after: { ...part.after, agent: agentNamed(part.after.agent) } };
}

/** Ids of questions have the name for people. */
function idOf(question: string): string {
  const parsed = parseQuestionId(question);
  return parsed === undefined ? question : questionId(parsed.agent, parsed.number);
}
