import { type Fields, fieldsOf, messagesOf } from './parse-request.ts';

/**
 * The content blocks of a request, including those nested in tool results and documents. The content of some results
 * is one block instead of a list.
 */
export function contentBlocks(fields: Fields): readonly Fields[] {
  const found: Fields[] = [];
  const rest = [fields['system'], ...messagesOf(fields).map(contentOf)];
  while (rest.length > 0) {
    const next = rest.pop();
    for (const block of (Array.isArray(next) ? next : [next]).map(fieldsOf)) {
      found.push(block);
      const contents = [contentOf(block), contentOf(block['source'])];
      rest.push(...contents.filter((one) => typeof one === 'object' && one !== null));
    }
  }
  return found;
}

function contentOf(block: unknown): unknown {
  return fieldsOf(block)['content'];
}
