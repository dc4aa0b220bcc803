import MarkdownIt, { type Token } from 'markdown-it';

const TAGS: ReadonlySet<string> = new Set(
  'h1 h2 h3 h4 h5 h6 p ul ol li blockquote pre code em strong s a br hr table thead tbody tr th td'.split(
    ' ',
  ),
);
export type MarkdownTag =
  | ('h1' | 'h2' | 'h3' | 'h4' | 'h5' | 'h6' | 'p' | 'ul' | 'ol' | 'li' | 'blockquote' | 'pre')
  | ('code' | 'em' | 'strong' | 's' | 'a' | 'br' | 'hr')
  | ('table' | 'thead' | 'tbody' | 'tr' | 'th' | 'td');

export interface MarkdownElement {
  readonly tag: MarkdownTag;
  readonly children: readonly MarkdownNode[];
  /** Of `a`: the address of a web page, with `http://` or `https://`. */
  readonly href?: string;
  /** Of `th` and `td`: whether the column is aligned to the right. */
  readonly isNumber?: boolean;
  /** Of `ol`: the number of its first item, if it is not 1. */
  readonly start?: number;
}
export type MarkdownNode = string | MarkdownElement;

/** Characters; a longer text is shown as it is. */
const LONGEST = 65_536;
/** Elements and texts of a tree. A table can have many cells in a short text. */
const MOST_NODES = 5000;
const DEEPEST = 20;
/** Tokens that the parser may make of a text. It fills rows of a table up with empty cells. */
const MOST_TOKENS = 20_000;

const isTag = (tag: string): tag is MarkdownTag => TAGS.has(tag);

/**
 * Reads Markdown of agents as a tree of elements from a fixed list. HTML stays text, and so do images and
 * links to anything but web pages, so no text can run, load or imitate a part of the page around it.
 * @returns undefined for a text that is better shown as it is, because it is long or has very many elements.
 */
export function markdownTree(text: string): readonly MarkdownNode[] | undefined {
  if (text.length > LONGEST) return undefined;
  const builder = new TreeBuilder();
  const tokens = tokensOf(text);
  return tokens?.every((token) => builder.add(token)) ? builder.nodes : undefined;
}

const parser = new MarkdownIt({ html: false, linkify: false, maxNesting: DEEPEST }).disable([
  'html_block',
  'html_inline',
]);

/** Tokens that the parser may still make of a text. It reads one text at a time. */
let tokensLeft = 0;

/** Thrown and caught only in this module, to end the parser before it has read all of a text. */
class TooManyTokens extends Error {}

function countToken(): void {
  tokensLeft -= 1;
  if (tokensLeft < 0) throw new TooManyTokens();
}

const { State: BlockState } = parser.block;
parser.block.State = class extends BlockState {
  override push(...token: Parameters<InstanceType<typeof BlockState>['push']>): Token {
    countToken();
    return super.push(...token);
  }
};
const { State: InlineState } = parser.inline;
parser.inline.State = class extends InlineState {
  override push(...token: Parameters<InstanceType<typeof InlineState>['push']>): Token {
    countToken();
    return super.push(...token);
  }
};

/** @returns undefined for a text with too many tokens. */
function tokensOf(text: string): readonly Token[] | undefined {
  tokensLeft = MOST_TOKENS;
  try {
    return parser.parse(text, {});
  } catch (error) {
    if (error instanceof TooManyTokens) return undefined;
    throw error;
  }
}

parser.validateLink = (address) => WEB_ADDRESS.test(address);

/**
 * The address of a web page, as markdown-it normalizes it: its host is in ASCII, so letters that look alike can
 * be told apart. A name before the host would look like a host (`https://github.com@example.com`).
 */
const WEB_ADDRESS = /^https?:\/\/[a-z0-9.-]+(?::\d+)?(?:[/?#]|$)/i;

interface OpenElement extends Omit<MarkdownElement, 'children'> {
  readonly children: MarkdownNode[];
}

class TreeBuilder {
  readonly nodes: MarkdownNode[] = [];
  readonly #open: OpenElement[] = [];
  #count = 0;

  /** @returns whether there is room for more. */
  add(token: Token): boolean {
    this.#count += 1;
    if (this.#count > MOST_NODES) return false;
    if (token.type === 'inline') return (token.children ?? []).every((child) => this.add(child));
    if (token.hidden) return true;
    if (token.nesting === 1) this.#push(token);
    else if (token.nesting === -1) this.#open.pop();
    else this.#put(...leaf(token));
    return true;
  }

  #put(...nodes: readonly MarkdownNode[]): void {
    (this.#open.at(-1)?.children ?? this.nodes).push(...nodes);
  }

  #push(token: Token): void {
    const href = token.tag === 'a' ? token.attrGet('href') : null;
    const start = Number(token.attrGet('start') ?? 1);
    const isNumber = token.attrGet('style') === 'text-align:right';
    const element: OpenElement = {
      tag: isTag(token.tag) ? token.tag : 'p',
      children: [],
      ...(href !== null && { href: String(href) }),
      ...(start !== 1 && { start }),
      ...(isNumber && { isNumber }),
    };
    this.#put(element);
    this.#open.push(element);
  }
}

function leaf(token: Token): readonly MarkdownNode[] {
  const { type, tag, content } = token;
  if (type === 'fence' || type === 'code_block') return [{ tag: 'pre', children: [content] }];
  if (type === 'image') return [`![${content}](${token.attrGet('src') ?? ''})`];
  if (type === 'softbreak') return ['\n'];
  const children = content === '' ? [] : [content];
  return isTag(tag) ? [{ tag, children }] : children;
}
