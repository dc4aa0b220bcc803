import { MOST_CHARACTERS, MOST_MESSAGES, type Received } from './message.ts';

/**
 * Leaves out of the mail of some agents what is not among the latest that are listed of a team. Whoever reads the
 * mail of one agent after the other calls it after each, and needs the memory of one list: seventeen agents can
 * have seventy megabytes of mail.
 */
export function latestBoxes(boxes: readonly Received[]): readonly Received[] {
  const all = boxes.flatMap(({ delivered, waiting, people }) => [
    ...[...delivered, ...waiting].map((mail) => ({ mail, at: mail.timestamp })),
    ...people.map((mail) => ({ mail, at: mail.at })),
  ]);
  const latest = all.toSorted((a, b) => b.at.localeCompare(a.at));
  let characters = 0;
  const end = latest.findIndex(({ mail }, index) => {
    characters += mail.text.length;
    return index >= MOST_MESSAGES || characters > MOST_CHARACTERS;
  });
  if (end < 0) return boxes;
  const kept = new Set<object>(latest.slice(0, end).map(({ mail }) => mail));
  const isKept = (mail: object): boolean => kept.has(mail);
  return boxes.map((box) => {
    const [delivered, waiting] = [box.delivered.filter(isKept), box.waiting.filter(isKept)];
    const people = box.people.filter(isKept);
    const isWhole =
      delivered.length === box.delivered.length &&
      waiting.length === box.waiting.length &&
      people.length === box.people.length;
    return { ...box, delivered, waiting, people, isCut: box.isCut || !isWhole };
  });
}
