import { type MarkdownNode, type MarkdownTag, markdownTree } from '@agentteam/rendering';
import { type ComponentChild, h, type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Scroll } from './parts.tsx';

/** Headings of an agent's text are below those of the page. */
const HEADINGS: Readonly<Partial<Record<MarkdownTag, MarkdownTag>>> = {
  h1: 'h4',
  h2: 'h5',
  h3: 'h6',
  h4: 'h6',
  h5: 'h6',
};

/** Text of an agent, as elements from a fixed list. Links show where they lead. */
export function Markdown({ text }: { text: string }): JSX.Element {
  const tree = useMemo(() => markdownTree(text), [text]);
  if (tree === undefined) return <p class="prose">{text}</p>;
  return <div class="markdown">{tree.map(drawn)}</div>;
}

function drawn(node: MarkdownNode, key: number): ComponentChild {
  if (typeof node === 'string') return node;
  const { tag, href, start, isNumber } = node;
  const children = node.children.map(drawn);
  if (tag === 'a') return <Link key={key} href={href} label={node.children} />;
  const region = REGIONS[tag];
  if (region !== undefined) {
    return (
      <Scroll key={key} label={region}>
        {h(tag, {}, children)}
      </Scroll>
    );
  }
  return h(
    HEADINGS[tag] ?? tag,
    { key, ...(start !== undefined && { start }), ...(isNumber && { class: 'number' }) },
    children,
  );
}

/** Elements that may be wider than the page. */
const REGIONS: Readonly<Partial<Record<MarkdownTag, string>>> = { table: 'Table', pre: 'Code' };

function Link({
  href,
  label,
}: {
  href: string | undefined;
  label: readonly MarkdownNode[];
}): JSX.Element {
  const text = textOf(label);
  if (href === undefined) return <span>{text}</span>;
  return (
    <>
      {text !== href && `${text} `}
      <a href={href} target="_blank" rel="noopener noreferrer">
        {href}
      </a>
    </>
  );
}

function textOf(nodes: readonly MarkdownNode[]): string {
  return nodes.map((node) => (typeof node === 'string' ? node : textOf(node.children))).join('');
}
