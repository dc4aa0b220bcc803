import type { ResultFile } from '@agentteam/detail';
import { tableOf } from '@agentteam/rendering';
import { type Html, html } from './html.ts';
import { markdown } from './markdown.ts';

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
  const [head = [], ...body] = tableOf(text);
  return html`<div class="scroll" role="region" aria-label="${path}" tabindex="0"><table>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${body.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div>`;
}
