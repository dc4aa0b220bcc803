import type { ResultFile } from '@agentteam/detail';
import { type Html, html } from './html.ts';
import { markdown } from './markdown.ts';

const MOST_ROWS = 100;
const MOST_COLUMNS = 30;
const IMAGE = /^image\/(?:png|jpeg|gif|webp)$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Shows the beginning of a result. */
export function preview({ path, preview: shown }: ResultFile): Html | undefined {
  if (shown === undefined) return undefined;
  const more = shown.cut ? html`<p class="muted">The file goes on.</p>` : undefined;
  switch (shown.kind) {
    case 'markdown':
      return html`${markdown(shown.text)}${more}`;
    case 'csv':
      return html`${csv(shown.text, path)}${more}`;
    case 'image': {
      const { mediaType = '', text } = shown;
      if (!IMAGE.test(mediaType) || !BASE64.test(text)) return undefined;
      return html`<img src="data:${mediaType};base64,${text}" alt="${path}">`;
    }
    case 'text':
      return html`<pre tabindex="0">${shown.text}</pre>${more}`;
  }
}

function csv(text: string, path: string): Html {
  const rows = text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .slice(0, MOST_ROWS)
    .map((line) => cells(line).slice(0, MOST_COLUMNS));
  const [head = [], ...body] = rows;
  return html`<div class="scroll" role="region" aria-label="${path}" tabindex="0"><table>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${body.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div>`;
}

/** The cells of a line, as RFC 4180 quotes them. A cell with a line end is shown cut. */
function cells(line: string): readonly string[] {
  const found = line.match(/("(?:[^"]|"")*"?|[^,]*)(?:,|$)/g) ?? [];
  return found
    .slice(0, -1 + Number(line.endsWith(',')) || undefined)
    .map((cell) => cell.replace(/,$/, ''))
    .map((cell) =>
      cell.startsWith('"') ? cell.replace(/^"|"$/g, '').replaceAll('""', '"') : cell,
    );
}
