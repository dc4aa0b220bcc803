import { hasWords, visibleText } from '../readable.ts';

/** Texts that Claude Code writes instead of a reply. */
const SYNTHETIC = /^\s*(No response requested\.|\[Request interrupted|\(no content\))/;
/** The text that Claude Code writes when the API does not answer a request. */
const API_ERROR = /^\s*API Error/;
/** The start of a tool call that the model wrote as text. */
const TOOL_CALL = /^\s*<(?:antml:)?(?:function_calls|invoke|tool_use)\b/;
/** A text is unreadable if more than this share of its characters could not be decoded. */
const MAX_UNDECODED = 0.1;

const STOPPED_EARLY: Readonly<Record<string, string>> = {
  max_tokens: 'was cut off at the token limit',
  model_context_window_exceeded: 'was cut off at the end of the context window',
  refusal: 'was refused by the model',
};

/**
 * Why the last text of a turn cannot serve as the agent's report, as the end of a sentence; `undefined` if
 * it can.
 * @param stopReason the API's stop reason of the last reply.
 */
export function defectOf(text: string, stopReason: string): string | undefined {
  const early = STOPPED_EARLY[stopReason];
  if (early !== undefined) return early;
  const visible = visibleText(text);
  if (visible === '') return 'was empty';
  if (API_ERROR.test(visible)) return 'was an error of the API';
  const undecoded = [...visible].filter((character) => character === '\uFFFD').length;
  const isUnreadable =
    SYNTHETIC.test(visible) ||
    TOOL_CALL.test(visible) ||
    !hasWords(visible) ||
    undecoded > visible.length * MAX_UNDECODED;
  return isUnreadable ? 'could not be read' : undefined;
}
