import {
  defaultRangeExtractor,
  measureElement,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  type VirtualizerOptions,
  windowScroll,
} from '@tanstack/virtual-core';
import type { JSX } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

/** Items outside the window that are drawn, so that the keyboard reaches them and scrolling shows no gaps. */
const OVERSCAN = 8;

/**
 * A long list of which only the items near the window are in the document. It scrolls with the page. An item
 * that has the focus stays.
 * @param estimate height in pixels of an item, until one of its kind has been drawn.
 * @param kindOf items of a kind have about the same height.
 * @param isFollowing whether the page stays at its end while the list grows.
 */
export function VirtualList({
  count,
  estimate,
  kindOf,
  label,
  isFollowing,
  draw,
}: {
  count: number;
  estimate: number;
  kindOf: (index: number) => string;
  label: string;
  isFollowing: boolean;
  draw: (index: number) => JSX.Element | null;
}): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  const focused = useRef<number | undefined>(undefined);
  const margin = useRef(0);
  const drawn = useRef({ startIndex: 0, endIndex: 0 });
  const isJump = useRef(false);
  /** The height of the first item of each kind that was drawn: a later one may be unfolded. */
  const heights = useRef(new Map<string, number>());
  const [, redraw] = useReducer((round: number) => round + 1, 0);
  const options: VirtualizerOptions<Window, HTMLLIElement> = {
    count,
    estimateSize: (index) => heights.current.get(kindOf(index)) ?? estimate,
    measureElement: (element, entry, instance) => {
      const height = measureElement(element, entry, instance);
      const kind = kindOf(instance.indexFromElement(element));
      if (!heights.current.has(kind)) heights.current.set(kind, height);
      return height;
    },
    overscan: OVERSCAN,
    scrollMargin: margin.current,
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    initialOffset: () => scrollY,
    initialRect: { width: innerWidth, height: innerHeight },
    rangeExtractor: (range) => {
      const { isScrolling } = virtualizer;
      const { startIndex, endIndex } = drawn.current;
      // After a jump every item is new: those outside the window follow when the page rests.
      isJump.current =
        isScrolling &&
        (isJump.current || range.startIndex > endIndex || range.endIndex < startIndex);
      drawn.current = range;
      const indexes = defaultRangeExtractor(isJump.current ? { ...range, overscan: 0 } : range);
      const kept = focused.current;
      if (kept === undefined || kept >= count || indexes.includes(kept)) return indexes;
      return [...indexes, kept].toSorted((a, b) => a - b);
    },
    onChange: () => redraw(0),
  };
  const [virtualizer] = useState(() => new Virtualizer(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => {
    margin.current = (list.current?.getBoundingClientRect().top ?? 0) + scrollY;
    virtualizer._willUpdate();
  });
  useLayoutEffect(() => {
    if (isFollowing && count > 0) virtualizer.scrollToIndex(count - 1, { align: 'end' });
  }, [isFollowing, count, virtualizer]);
  return (
    <ol
      ref={list}
      class="virtual"
      aria-label={label}
      style={{ height: `${virtualizer.getTotalSize()}px` }}
      onFocusIn={({ target }) => {
        const item = (target as Element).closest<HTMLElement>('li[data-index]');
        focused.current = Number(item?.dataset['index']);
      }}
      onFocusOut={() => {
        focused.current = undefined;
      }}
    >
      {virtualizer.getVirtualItems().map(({ index, key, start }) => (
        <li
          key={key}
          ref={virtualizer.measureElement}
          data-index={index}
          aria-setsize={count}
          aria-posinset={index + 1}
          style={{ transform: `translateY(${start - margin.current}px)` }}
        >
          {draw(index)}
        </li>
      ))}
    </ol>
  );
}
