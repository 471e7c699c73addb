/** Which of the names somebody may have meant: those that contain the text or are at most a few edits away, nearest first. */
export function similarNames(text: string, names: readonly string[]): string[] {
  const most = Math.max(2, Math.floor(text.length / 3))
  return names
    .map((name) => ({ name, distance: text.length >= 3 && name.includes(text) ? 0 : editDistance(text, name) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** Insertions, deletions and replacements of one character that lead from one text to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, n) => n)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = above[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1))
    }
    above = row
  }
  return above[to.length]!
}
