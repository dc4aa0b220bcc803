import { shownName } from '@agentteam/contract';
import type { TeamDetail } from '../detail.ts';
import type { Message } from './message.ts';
import { isFromPerson } from './message-kind.ts';

interface WithAgent {
  readonly agent?: string;
}

/** Names the lead as people know it, everywhere in a detail. The volume has the name in the roster. */
export function withShownNames(detail: TeamDetail): TeamDetail {
  return {
    ...detail,
    steps: detail.steps.map(shown),
    agents: detail.agents.map((agent) => ({ ...agent, name: shownName(agent.name) })),
    tasks: detail.tasks.map((task) =>
      task.owner === undefined ? task : { ...task, owner: shownName(task.owner) },
    ),
    messages: detail.messages.map(shownMessage),
    questions: detail.questions.map((question) => ({
      ...question,
      agent: shownName(question.agent),
    })),
    costs: detail.costs.map((point) => ({ ...point, agent: shownName(point.agent) })),
    diffs: detail.diffs.map(shown),
    events: detail.events.map(shown),
    notices: detail.notices.map(shown),
  };
}

/** Names the lead in a message as people know it. */
export function shownMessage(message: Message): Message {
  const { kind, from, to } = message;
  // A person may have any name.
  return { ...message, from: isFromPerson(kind) ? from : shownName(from), to: shownName(to) };
}

function shown<T extends WithAgent>(part: T): T {
  return part.agent === undefined ? part : { ...part, agent: shownName(part.agent) };
}
