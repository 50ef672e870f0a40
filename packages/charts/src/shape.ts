/** The path of an upright bar between the zero line and a value, its far end slightly rounded. */
export function bar(left: number, zero: number, width: number, value: number): string {
  const radius = Math.min(3, width / 4, Math.abs(value - zero));
  const sign = value < zero ? 1 : -1;
  const right = left + width;
  const near = value + sign * radius;
  return path`M${left},${zero}V${near}Q${left},${value} ${left + radius},${value}H${right - radius}Q${right},${value} ${right},${near}V${zero}Z`;
}

/** The path of a lying bar between the zero line and a value. */
export function lyingBar(zero: number, top: number, value: number, height: number): string {
  const radius = Math.min(3, height / 4, Math.abs(value - zero));
  const near = value + (value < zero ? radius : -radius);
  const bottom = top + height;
  return path`M${zero},${top}H${near}Q${value},${top} ${value},${top + radius}V${bottom - radius}Q${value},${bottom} ${near},${bottom}H${zero}Z`;
}

/** Cuts the coordinates of a path to a hundredth of a pixel. */
function path(text: TemplateStringsArray, ...numbers: number[]): string {
  return text
    .map(
      (part, index) => part + (index < numbers.length ? Math.round((numbers[index] ?? 0) * 100) / 100 : ""),
    )
    .join("");
}
