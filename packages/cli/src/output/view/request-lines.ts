import stringWidth from 'string-width';
import type { Colors } from '../terminal/colors.ts';
import { fit, wrap } from '../terminal/columns.ts';
import { oneLine } from '../terminal/safe.ts';
import { quotedQuestion } from './change-line.ts';
import type { GateRow, QuestionRow, TeamView } from './team-view.ts';

/** How keys of this terminal answer the topmost gate. */
export type GateKeys = 'none' | 'ask' | 'confirm-reject';

/** Columns by which the ways to answer are indented. */
const INDENT = 2;

/** The lines below the tree for gates and questions that wait for a person. */
export function requestLines(
  view: TeamView,
  columns: number,
  colors: Colors,
  answers: GateKeys,
): readonly string[] {
  return [
    ...view.gates.flatMap((gate) => gateLines(view, gate, columns, colors, answers)),
    ...view.questions
      .slice(0, MAX_QUESTIONS)
      .flatMap((question) => questionLines(view, question, columns, colors)),
    ...moreQuestions(view, columns, colors),
  ];
}

/** The question before a key rejects a gate, because a rejection cannot be undone. */
export function confirmation(event: string): string {
  return `Reject ${event}? Press y to reject it, or any other key to keep waiting.`;
}

function gateLines(
  view: TeamView,
  gate: GateRow,
  columns: number,
  colors: Colors,
  answers: GateKeys,
): readonly string[] {
  const event = oneLine(gate.event);
  const command = `agentteam approve ${view.reference} ${event}`;
  const keys = 'Press a to approve or r to reject, or run:';
  // A command that is split between two lines cannot be copied.
  const fits = stringWidth(`${keys} ${command}`) <= columns - INDENT;
  const ways: Readonly<Record<GateKeys, readonly string[]>> = {
    none: [`${command}   (or reject)`],
    ask: fits ? [`${keys} ${command}`] : [keys, command],
    'confirm-reject': [confirmation(event)],
  };
  // Keys answer only the topmost gate.
  const how = ways[answers !== 'none' && gate !== view.gates[0] ? 'none' : answers];
  return [
    colors.yellow(fit(`◆ ${event}: ${oneLine(gate.before)} is waiting for your approval`, columns)),
    ...how.flatMap((text) => wrap(text, columns - INDENT)).map((line) => `  ${line}`),
  ];
}

/** Maximum number of questions, so that the tree stays on the screen. */
const MAX_QUESTIONS = 3;

function moreQuestions(
  { questions, reference }: TeamView,
  columns: number,
  colors: Colors,
): readonly string[] {
  const more = questions.length - MAX_QUESTIONS;
  if (more <= 0) return [];
  return [colors.yellow(fit(`? ${more} more questions: agentteam get ${reference}`, columns))];
}

function questionLines(
  { reference }: TeamView,
  { id, agent, kind, text, choices }: QuestionRow,
  columns: number,
  colors: Colors,
): readonly string[] {
  const asks = kind === 'blocked' ? 'is blocked' : 'asks';
  const how = `agentteam answer ${reference} ${id} "…"`;
  return [
    colors.yellow(
      fit(`? ${oneLine(agent)} ${asks}: ${quotedQuestion({ text, choices })}`, columns),
    ),
    ...wrap(how, columns - INDENT).map((line) => `  ${line}`),
  ];
}
