import { OrielError } from "@oriel/core";

/** What decides how a mark looks; the rest stands in its attributes. */
const looks = [
  ...[
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
  ],
  ...[
    "opacity",
    "font-family",
    "font-size",
    "font-weight",
    "font-variant-numeric",
    "text-anchor",
    "visibility",
  ],
  ...["dominant-baseline", "paint-order", "display"],
];

/** Around the drawing, in CSS pixels. */
const margin = 16;

/**
 * A chart's drawing as a PNG at twice its size, on the background that it has in
 * the page. Nothing is fetched: what it looks like is written into a copy of it.
 * Rejects with an OrielError that says what to do where none can be made.
 */
export async function pictureOf(drawing: SVGSVGElement | null | undefined): Promise<Blob> {
  const { width, height } = drawing?.getBoundingClientRect() ?? { width: 0, height: 0 };
  if (!drawing || width === 0 || height === 0) {
    throw unmade("No chart is shown: hide the data and take the picture then.");
  }
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = [drawing, ...drawing.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  originals.forEach((original, at) => {
    const style = getComputedStyle(original);
    const written = looks.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";");
    copies[at]?.setAttribute("style", written);
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode().catch((cause: unknown) => {
    throw unmade(
      "The browser draws no picture here: let img-src of the page's Content-Security-Policy have data:.",
      cause,
    );
  });
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil((width + 2 * margin) * 2);
  canvas.height = Math.ceil((height + 2 * margin) * 2);
  const pen = canvas.getContext("2d");
  if (!pen) throw unmade("The browser gives no canvas to draw on: take the data away instead.");
  pen.scale(2, 2);
  pen.fillStyle = backgroundOf(drawing);
  pen.fillRect(0, 0, width + 2 * margin, height + 2 * margin);
  pen.drawImage(image, margin, margin, width, height);
  const png = await new Promise<Blob | null>((done) => {
    canvas.toBlob(done, "image/png");
  });
  if (!png) throw unmade("The chart is too large for a picture: make the window smaller.");
  return png;
}

function unmade(message: string, cause?: unknown): OrielError {
  return new OrielError({ code: "CONFIG_INVALID", message, cause });
}

/** The nearest background that isn't transparent; white when there is none. */
function backgroundOf(element: Element): string {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    if (color !== "" && color !== "transparent" && !/^rgba\(.*, 0\)$/.test(color)) return color;
  }
  return "#fff";
}
