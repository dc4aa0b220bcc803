import type { TurnResult } from './conversation.ts';

/** What Claude Code writes in the place of a reply. */
const SYNTHETIC = /^\s*(No response requested\.|API Error|\[Request interrupted|\(no content\))/;
/** The beginning of a tool call that the model wrote as text. */
const TOOL_CALL = /^\s*<(?:antml:)?(?:function_calls|invoke|tool_use)\b/;
/** Of all characters, so many that could not be decoded make a text unreadable. */
const MOST_UNDECODED = 0.1;

const HIDDEN = /[\p{Cc}\p{Default_Ignorable_Code_Point}]/gu;

const STOPPED_EARLY: Readonly<Record<string, string>> = {
  max_tokens: 'was cut off at the limit of tokens',
  model_context_window_exceeded: 'was cut off at the end of the context window',
  refusal: 'was refused by the model',
};

/**
 * Why the last text of a turn cannot serve as the agent's report, as the end of a sentence; undefined
 * where it can.
 */
export function whyNoReport({ text, stopReason = '' }: Partial<TurnResult>): string | undefined {
  const early = STOPPED_EARLY[stopReason];
  if (early !== undefined) return early;
  const shown = (text ?? '').replace(HIDDEN, '').trim();
  if (shown === '') return 'was empty';
  const undecoded = [...shown].filter((character) => character === '\uFFFD').length;
  const isGarbled =
    SYNTHETIC.test(shown) ||
    TOOL_CALL.test(shown) ||
    !hasWords(shown) ||
    undecoded > shown.length * MOST_UNDECODED;
  return isGarbled ? 'could not be read' : undefined;
}

/** Whether anybody could read something in a text. */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text.replace(HIDDEN, ''));
}
