import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { toString as textOf } from 'mdast-util-to-string';
import { gfm } from 'micromark-extension-gfm';

/** What a hosting service would do with a description, by the grammars of GitHub and GitLab. */
export interface Effects {
  readonly mentions: readonly string[];
  readonly references: readonly string[];
  /** Links, images and HTML. */
  readonly rendered: readonly string[];
  /** GitLab reads quick actions line by line, ignoring case (https://docs.gitlab.com/user/project/quick_actions/). */
  readonly quickActions: readonly string[];
  /** GitLab searches the source for these, even in code (https://docs.gitlab.com/administration/issue_closing_pattern/). */
  readonly closes: readonly string[];
}

export const NOTHING: Effects = {
  mentions: [],
  references: [],
  rendered: [],
  quickActions: [],
  closes: [],
};

export function actsOn(markdown: string): Effects {
  const nodes = all(parsed(markdown));
  const prose = nodes.flatMap((node) => (node.type === 'text' ? [node.value] : [])).join('\n');
  return {
    mentions: prose.match(/(?<![\w`])@[\w-]+(?:\/[\w-]+)?/g) ?? [],
    references: prose.match(/(?:[\w/-]*#|\bGH-|!)\d+/gi) ?? [],
    rendered: nodes
      .map(({ type }) => type)
      .filter((type) => /^(link|image|html|definition|footnote)/.test(type)),
    quickActions: markdown.match(/^[ \t]*\/[a-z_]+/gim) ?? [],
    closes:
      markdown.match(
        /\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?):? +(?:\S*#\d+|https?:\/\/\S+)/gi,
      ) ?? [],
  };
}

/** The texts of the headings, as they are rendered. */
export function headingsIn(markdown: string): readonly string[] {
  return all(parsed(markdown)).flatMap((node) => (node.type === 'heading' ? [textOf(node)] : []));
}

function parsed(markdown: string): Nodes {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

function all(node: Nodes): readonly Nodes[] {
  return [node, ...('children' in node ? node.children.flatMap(all) : [])];
}
