import { joined } from '../http/headers.ts';
import type { ApiFeatures } from './api-features.ts';
import { BadRequestError } from './bad-request.ts';
import { contentBlocks } from './content-blocks.ts';
import type { Omitted } from './omitted.ts';
import { type Fields, fieldsOf, listOf, messagesOf } from './parse-request.ts';

/** More than any model can write. */
const MAX_TOKENS = 1_000_000;
const MAX_USES = 1000;

/**
 * Checks that the gateway can count the cost of a request.
 * @returns the request without unknown fields.
 * @throws BadRequestError when a field, tool, edit or source of an image or document is not allowed.
 */
export function checkRequest(fields: Fields, features: ApiFeatures, omitted: Omitted): Fields {
  const kept = Object.entries(fields).filter(([name, value]) => {
    const handling = features.field(name);
    if (handling === 'refuse' && value !== null) throw notAllowed('the field', name);
    if (handling !== 'send') omitted.note('field', [name]);
    return handling === 'send';
  });
  for (const tool of toolsOf(fields)) {
    const { type } = fieldsOf(tool);
    if (type === undefined || type === null) continue;
    if (typeof type !== 'string') throw new BadRequestError('tools: type must be a string');
    if (!features.tool(type)) throw notAllowed('the tool', type);
    checkUses(tool);
  }
  for (const edit of listOf(fieldsOf(fields['context_management'])['edits'])) {
    const { type } = fieldsOf(edit);
    if (!features.edit(String(type))) throw notAllowed('the edit', String(type));
  }
  for (const { source } of contentBlocks(fields)) {
    // A search result has the name of its source as a text.
    if (typeof source !== 'object' || source === null) continue;
    const { type } = fieldsOf(source);
    if (!features.source(String(type))) throw notAllowed('the source', String(type));
  }
  return Object.fromEntries(kept);
}

/** The allowed betas of a request. Others are omitted: a newer CLI works without most of its betas. */
export function allowedBetas(
  header: string | string[] | undefined,
  features: ApiFeatures,
  omitted: Omitted,
): readonly string[] {
  const all = (joined(header) ?? '').split(',').map((name) => name.trim());
  const names = [...new Set(all)].filter((name) => name !== '');
  omitted.note(
    'beta',
    names.filter((name) => !features.beta(name)),
  );
  return names.filter((name) => features.beta(name));
}

/** @throws BadRequestError when `max_tokens` does not limit the output. */
export function checkMaxTokens({ max_tokens: limit }: Fields): void {
  if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 0) {
    throw new BadRequestError('max_tokens: must be a whole number');
  }
  if (limit > MAX_TOKENS) throw new BadRequestError(`max_tokens: must be at most ${MAX_TOKENS}`);
}

function checkUses(tool: unknown): void {
  const { max_uses: uses, max_tokens: tokens } = fieldsOf(tool);
  for (const [name, value, limit] of [
    ['max_uses', uses, MAX_USES],
    ['max_tokens', tokens, MAX_TOKENS],
  ] as const) {
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > limit) {
      throw new BadRequestError(`tools: ${name} must be a whole number from 1 to ${limit}`);
    }
  }
}

/** The tools of a request, including those that its messages add to the conversation. */
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

/** The definition of a tool that a message adds. References name tools of the list and define none. */
function definition(tool: unknown): unknown {
  const { type, definition: defined } = fieldsOf(tool);
  if (type === 'tool_reference') return {};
  return type === 'tool_definition' ? defined : tool;
}

function notAllowed(what: string, name: string): BadRequestError {
  const shown = name.slice(0, 100);
  return new BadRequestError(
    `${what} ${JSON.stringify(shown)} is not allowed, because the gateway may not be able to count its cost, or the API would access an address for it; ` +
      'an administrator can allow it (see apiFeatures in docs/budgets.md)',
  );
}
