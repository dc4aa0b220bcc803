import { wholeSeconds } from '@agentteam/contract';
import { textFor } from '@agentteam/text';
import { print } from '../step/print.ts';
import type { AgentEvent, OutputPart } from './agent-cli.ts';

/** Longest tool input in the log; the transcript has all of it. */
const MAX_INPUT = 200;

/** Writes what an agent does to the step's log: `2026-11-29T12:00:01Z tool Bash {"command":…}`. */
export function log(kind: string, text: string): void {
  const time = wholeSeconds(new Date());
  const lines = textFor('log', text).split('\n');
  print(lines.map((line) => `${time} ${kind} ${line}`).join('\n'));
}

export function logOutput(parts: readonly OutputPart[]): void {
  for (const part of parts) {
    if (part.type === 'text') {
      if (part.text !== '') log('says', part.text.trimEnd());
      continue;
    }
    const input = JSON.stringify(part.input ?? {});
    const shown = input.length > MAX_INPUT ? `${input.slice(0, MAX_INPUT)}…` : input;
    log('tool', `${part.name} ${shown}`);
  }
}

/** Logs how a tool call ended. Its text stays in the transcript. */
export function logResult({
  isSuccess,
  lines,
}: Extract<AgentEvent, { readonly type: 'tool-result' }>): void {
  if (lines === undefined) return;
  const size = lines === 0 ? 'no output' : `${lines} ${lines === 1 ? 'line' : 'lines'}`;
  log('result', isSuccess ? size : `failed, ${size}`);
}
