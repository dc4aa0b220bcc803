import { visible } from '@agentteam/text';
import MarkdownIt from 'markdown-it';
import { type Html, html, trusted } from './html.ts';

/** Longer texts are shown as they are. */
const LONGEST = 65_536;
/** Headings of an agent's text are below those of the report. */
const HEADING_SHIFT = 3;

/**
 * Renders Markdown of agents: headings, lists, tables, code. HTML stays text, and so do links and images,
 * because a page that is mailed must lead nowhere and load nothing.
 */
export function markdown(text: string): Html {
  if (text.length > LONGEST) return html`<pre>${text}</pre>`;
  return html`<div class="md">${trusted(renderer.render(visible(text)))}</div>`;
}

const renderer = new MarkdownIt({ html: false, linkify: false, maxNesting: 20 }).disable([
  'link',
  'image',
  'autolink',
  'reference',
  'html_block',
  'html_inline',
]);

renderer.core.ruler.push('report', (state) => {
  for (const token of state.tokens) {
    if (token.type === 'heading_open' || token.type === 'heading_close') {
      token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + HEADING_SHIFT)}`;
    }
    // The page's policy forbids styles in attributes.
    const right = token.attrGet('style') === 'text-align:right';
    token.attrs = right ? [['class', 'number']] : null;
  }
});
