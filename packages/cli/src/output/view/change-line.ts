import { clock, dollars, plural } from '../terminal/quantities.ts';
import { oneLine } from '../terminal/safe.ts';
import type { Change } from './changes.ts';
import type { RowState, TeamView } from './team-view.ts';

/** A mark and a verb for each state: `✓ researcher completed`. */
const STATES: Readonly<Record<RowState, readonly [mark: string, verb: string]>> = {
  waiting: ['○', 'is waiting'],
  running: ['●', 'started'],
  asking: ['◆', 'is waiting for approval'],
  done: ['✓', 'completed'],
  failed: ['✗', 'failed'],
  skipped: ['–', 'was skipped'],
};

/** Formats a change as one line of a log. */
export function changeLine(change: Change, view: TeamView): string {
  return `${clock(view.elapsed).padStart(7)}  ${sentence(change, view)}`;
}

function sentence(change: Change, { run, reference }: TeamView): string {
  switch (change.event) {
    case 'phase':
      return `${run}: ${change.phase}`;
    case 'step': {
      const [mark, verb] = STATES[change.state];
      return `${mark} ${change.step} ${verb}${because(change.detail)}`;
    }
    case 'restart':
      return `↻ ${change.step} was restarted (${change.restarts}×)${because(change.why)}`;
    case 'tasks':
      return `✓ ${change.step} has completed ${change.completed} of ${plural(change.total, 'task')}`;
    case 'waiting':
      return `◌ ${change.step} is waiting for the API: ${change.for}`;
    case 'waited':
      return `● ${change.step} continues: the API answers again`;
    case 'gate':
      return `◆ ${change.before} waits for approval: agentteam approve ${reference} ${change.gate}   (or reject)`;
    case 'question':
      return `? ${change.agent} asks: ${quotedQuestion(change)}   agentteam answer ${reference} ${change.question} "…"`;
    case 'answered':
      return answerSentence(change);
    case 'notice':
      return `! ${oneLine(change.message)}`;
    case 'budget':
      return `! ${dollars(change.usd)} of ${dollars(change.limit)} has been spent`;
  }
}

function answerSentence({
  question,
  by,
  via,
  answer = '',
}: Extract<Change, { readonly event: 'answered' }>): string {
  if (by === undefined) return `! nobody answered ${question}`;
  return `● ${oneLine(by)} answered ${question} through ${via}: ${quotedQuestion({ text: answer, choices: [] })}`;
}

/** A question in quotation marks, so that the agent's words cannot be taken for the product's. */
export function quotedQuestion({
  text,
  choices,
}: {
  readonly text: string;
  readonly choices: readonly string[];
}): string {
  const words = oneLine(text).replaceAll('"', "'");
  const shown = words.length > LONGEST_QUESTION ? `${words.slice(0, LONGEST_QUESTION)}…` : words;
  const numbered = choices.map(
    (choice, index) => `${index + 1}: "${oneLine(choice).replaceAll('"', "'")}"`,
  );
  return [`"${shown}"`, ...(numbered.length > 0 ? [`(${numbered.join(', ')})`] : [])].join(' ');
}

const LONGEST_QUESTION = 300;

function because(detail: string): string {
  const line = oneLine(detail);
  return line === '' ? '' : `: ${line}`;
}
