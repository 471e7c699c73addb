/**
 * The service works through the actions of an update, and the paths of a projection, from the last one to the first: where
 * several of them are wrong, the last one is told. What is made of them is in the order in which they are written.
 */
export function inServiceOrder<T, U>(list: readonly T[], each: (element: T, at: number) => U): U[] {
  const made: U[] = []
  for (let at = list.length - 1; at >= 0; at--) made.push(each(list[at]!, at))
  return made.reverse()
}
