import { type MarkdownNode, type MarkdownTag, markdownTree } from '@agentteam/rendering';
import { visible } from '@agentteam/text';
import { type Html, html, trusted } from './html.ts';

/** Headings of an agent's text are below those of the report. */
const HEADINGS: Readonly<Partial<Record<MarkdownTag, MarkdownTag>>> = {
  h1: 'h4',
  h2: 'h5',
  h3: 'h6',
  h4: 'h6',
  h5: 'h6',
};

/**
 * Renders Markdown of agents: headings, lists, tables, code. HTML stays text, and links and images are
 * written out, because a page that is mailed must lead nowhere and load nothing.
 */
export function markdown(text: string): Html {
  const tree = markdownTree(visible(text));
  if (tree === undefined) return html`<pre>${text}</pre>`;
  return html`<div class="md">${tree.map(element)}</div>`;
}

function element(node: MarkdownNode): Html | string {
  if (typeof node === 'string') return node;
  const { tag, href, start, isNumber } = node;
  const children = node.children.map(element);
  if (tag === 'a') return html`${children}${isOnly(node.children, href) ? '' : ` (${href})`}`;
  const name = trusted(HEADINGS[tag] ?? tag);
  if (tag === 'br' || tag === 'hr') return html`<${name}>`;
  return html`<${name}${start === undefined ? '' : html` start="${start}"`}${isNumber ? html` class="number"` : ''}>${children}</${name}>`;
}

/** Whether the text of a link is its address. */
function isOnly(children: readonly MarkdownNode[], href: string | undefined): boolean {
  return href === undefined || (children.length === 1 && children[0] === href);
}
