import { expect, test } from '@jest/globals';
import { defectOf } from '../../src/agent/claude-code/final-text.ts';

test.each([
  ['a sentence', 'The bug is fixed in src/a.ts.'],
  ['a sentence in another script', '修复完成。'],
  ['one word', 'ok'],
  ['a text with one undecoded character', `The file is caf\uFFFD.txt, and ${'x'.repeat(50)}.`],
  ['a text that mentions a tool call', 'I wrote <invoke> into the docs.'],
])('%s can serve as a report', (_, text) => {
  expect(defectOf(text, 'end_turn')).toBeUndefined();
});

test.each([
  ['an empty text', '', 'end_turn', 'was empty'],
  ['white space and hidden characters', ' \n\u200B\u2060', 'end_turn', 'was empty'],
  ['a reply that was cut off', 'The bug is', 'max_tokens', 'was cut off at the token limit'],
  ['a refusal', 'I', 'refusal', 'was refused by the model'],
  ['punctuation alone', '...', 'end_turn', 'could not be read'],
  ['undecoded bytes', '\uFFFD\uFFFD\uFFFDa', 'end_turn', 'could not be read'],
  ['a tool call as text', '<invoke name="Bash">', 'end_turn', 'could not be read'],
  ['an API error', 'API Error: overloaded', 'end_turn', 'was an error of the API'],
])('%s cannot serve as a report', (_, text, stopReason, why) => {
  expect(defectOf(text, stopReason)).toBe(why);
});
