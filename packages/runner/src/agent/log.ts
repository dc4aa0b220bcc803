import { textFor } from '@agentteam/text';
import { print } from '../step/print.ts';
import type { ContentBlock } from './stream.ts';

/** Longest line of a tool's input: the log tells what happened, the transcript has all of it. A cut shows. */
const WIDTH = 200;

/** Writes what an agent does as lines that a person can follow: `12:00:01Z tool Bash {"command":…}`. */
export function log(kind: string, text: string): void {
  const time = `${new Date().toISOString().slice(11, 19)}Z`;
  const lines = textFor('log', text).split('\n');
  print(lines.map((line) => `${time} ${kind} ${line}`).join('\n'));
}

export function logContent(content: readonly ContentBlock[]): void {
  for (const block of content) {
    if (block.type === 'text' && block.text) log('says', block.text.trimEnd());
    if (block.type === 'tool_use') {
      const input = JSON.stringify(block.input ?? {});
      const shown = input.length > WIDTH ? `${input.slice(0, WIDTH)}…` : input;
      log('tool', `${block.name ?? ''} ${shown}`);
    }
  }
}
