import Big from "big.js"
import { validationError } from "./service-error.js"

/*
 * DynamoDB's numbers: decimals of up to 38 significant digits with a magnitude from 1E-130 to 9.99…E+125, and zero. One
 * number has one text: no exponent, no leading or trailing zeros, no sign on zero. What is stored is in that text, so
 * equal numbers are equal texts; arithmetic is exact, or refused.
 */

/** Whole numbers that any double holds exactly, in canonical text: the common case, told without big.js. */
const small = /^(?:0|-?[1-9][0-9]{0,14})$/

const numeric = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/

const maxDigits = 38
const maxExponent = 125
const minExponent = -130
const maxBytes = 21

/**
 * The number in the service's text.
 * @throws ServiceError ValidationException if the text is no number, or one that cannot be stored
 */
export function canonicalNumber(text: string): string {
  if (small.test(text)) return text
  return textOf(parse(text))
}

export function compareNumbers(a: string, b: string): number {
  if (small.test(a) && small.test(b)) return Math.sign(Number(a) - Number(b))
  return new Big(a).cmp(new Big(b))
}

/** @throws ServiceError ValidationException if the sum cannot be stored */
export function addNumbers(a: string, b: string): string {
  return textOf(new Big(a).plus(new Big(b)))
}

/** @throws ServiceError ValidationException if the difference cannot be stored */
export function subtractNumbers(a: string, b: string): string {
  return textOf(new Big(a).minus(new Big(b)))
}

/**
 * Bytes that the number takes: one for two decimal digits, counted in pairs from the decimal point and without the pairs
 * of zeros at both ends, one more, and one for a minus sign, but never more than 21. Zero takes one.
 */
export function sizeOfNumber(text: string): number {
  const number = canonicalNumber(text)
  if (number === "0") return 1
  const [whole, fraction = ""] = number.replace("-", "").split(".") as [string, string?]
  const left = whole === "0" ? "" : whole.padStart(whole.length + (whole.length % 2), "0")
  const pairs = (left + fraction.padEnd(fraction.length + (fraction.length % 2), "0")).match(/../g)!
  const significant = pairs.findLastIndex((pair) => pair !== "00") - pairs.findIndex((pair) => pair !== "00") + 1
  return Math.min(significant + 1 + (number.startsWith("-") ? 1 : 0), maxBytes)
}

function parse(text: string): Big {
  if (text === "") throw validationError("The parameter cannot be converted to a numeric value")
  if (!numeric.test(text)) throw validationError(`The parameter cannot be converted to a numeric value: ${text}`)
  return new Big(text.replace(/^\+/, ""))
}

function textOf(number: Big): string {
  const digits = number.c.length
  if (digits === 1 && number.c[0] === 0) return "0"
  if (digits > maxDigits) throw validationError("Attempting to store more than 38 significant digits in a Number")
  if (number.e > maxExponent) throw outOfRange("overflow", "larger")
  if (number.e < minExponent) throw outOfRange("underflow", "smaller")
  return number.toFixed()
}

function outOfRange(what: string, relation: string) {
  return validationError(`Number ${what}. Attempting to store a number with magnitude ${relation} than supported range`)
}
