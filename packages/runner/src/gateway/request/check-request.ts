import { joined } from '../headers.ts';
import type { ApiFeatures } from './api-features.ts';
import { BadRequestError } from './bad-request.ts';
import type { LeftOut } from './left-out.ts';
import { type Fields, fieldsOf, listOf, messagesOf } from './parse-request.ts';

/** More output than any model writes: a larger number is a mistake, or meant to be one. */
const MOST_TOKENS = 1_000_000;
const MOST_USES = 1000;

/**
 * Checks that what a request may cost is known.
 * @returns the request without fields that this version does not know.
 * @throws BadRequestError
 */
export function checkRequest(fields: Fields, features: ApiFeatures, leftOut: LeftOut): Fields {
  const kept = Object.entries(fields).filter(([name, value]) => {
    const fate = features.field(name);
    if (fate === 'refuse' && value !== null) throw notAllowed('the field', name);
    if (fate !== 'send') leftOut.note('field', [name]);
    return fate === 'send';
  });
  for (const tool of toolsOf(fields)) {
    const { type } = fieldsOf(tool);
    if (type === undefined || type === null) continue;
    if (typeof type !== 'string') throw new BadRequestError('tools: a type is not a text');
    if (!features.tool(type)) throw notAllowed('the tool', type);
    checkUses(tool);
  }
  for (const edit of listOf(fieldsOf(fields['context_management'])['edits'])) {
    const { type } = fieldsOf(edit);
    if (!features.edit(String(type))) throw notAllowed('the edit', String(type));
  }
  return Object.fromEntries(kept);
}

/** Of a request's betas those that are allowed: a newer CLI works without most of its own. */
export function allowedBetas(
  header: string | string[] | undefined,
  features: ApiFeatures,
  leftOut: LeftOut,
): readonly string[] {
  const all = (joined(header) ?? '').split(',').map((name) => name.trim());
  const names = [...new Set(all)].filter((name) => name !== '');
  leftOut.note(
    'beta',
    names.filter((name) => !features.beta(name)),
  );
  return names.filter((name) => features.beta(name));
}

/** @throws BadRequestError where the API could not tell, either, how much it may write. */
export function checkMaxTokens({ max_tokens: most }: Fields): void {
  if (typeof most !== 'number' || !Number.isSafeInteger(most) || most < 0) {
    throw new BadRequestError('max_tokens: give a whole number');
  }
  if (most > MOST_TOKENS) throw new BadRequestError(`max_tokens: at most ${MOST_TOKENS}`);
}

function checkUses(tool: unknown): void {
  const { max_uses: uses, max_tokens: tokens } = fieldsOf(tool);
  for (const [name, value, most] of [
    ['max_uses', uses, MOST_USES],
    ['max_tokens', tokens, MOST_TOKENS],
  ] as const) {
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > most) {
      throw new BadRequestError(`tools: ${name} is a whole number from 1 to ${most}`);
    }
  }
}

/** The request's tools, those included that a message adds to the conversation. */
export function toolsOf(fields: Fields): readonly unknown[] {
  const added = messagesOf(fields).flatMap((message) =>
    listOf(fieldsOf(message)['content']).flatMap((block) => {
      const { type, tool, tool_changes: changes } = fieldsOf(block);
      if (type === 'tool_addition') return [definition(tool)];
      return type === 'compaction' ? listOf(changes).map(addition) : [];
    }),
  );
  return [...listOf(fields['tools']), ...added];
}

function addition(change: unknown): unknown {
  const { type, tool } = fieldsOf(change);
  return type === 'tool_addition' ? definition(tool) : {};
}

/** A reference names a tool of the list; only a definition brings one of its own. */
function definition(tool: unknown): unknown {
  const { type, definition: defined } = fieldsOf(tool);
  if (type === 'tool_reference') return {};
  return type === 'tool_definition' ? defined : tool;
}

function notAllowed(what: string, name: string): BadRequestError {
  const shown = name.slice(0, 100);
  return new BadRequestError(
    `${what} ${JSON.stringify(shown)} is not allowed here, because the gateway may not be able to count what it costs; ` +
      'an administrator can allow it (apiFeatures in docs/budgets.md)',
  );
}
