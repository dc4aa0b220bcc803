import { visible } from '@agentteam/text';

/** Markup that is safe to put into a page: only {@link html} and {@link trusted} make it. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

export type Part = Html | string | number | undefined | readonly Part[];

/**
 * Makes markup from a template. Everything that is put into the template is text: it is escaped, and its
 * hidden characters become visible. Only other {@link Html} stays as it is.
 */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const markup = template.map(
    (text, index) => text + (index < parts.length ? written(parts[index]) : ''),
  );
  return new Html(markup.join(''));
}

/** Marks text as safe markup. Never pass it anything that comes from a team. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function written(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.markup;
  if (typeof part === 'object') return part.map(written).join('');
  return escaped(visible(String(part)));
}

/** Also safe in attributes with double quotes. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
