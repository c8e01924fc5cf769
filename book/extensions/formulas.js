// Typeset formulas as HTML with MathJax, once, when the book is built.
//
//     node formulas.js FOLDER FONTS
//
// reads a JSON list of [TeX, is it displayed?] and writes {html: [...], css: "..."}. FOLDER is
// MathJax, FONTS where its fonts will be, seen from the style sheet.
"use strict";

const { readFileSync } = require("node:fs");
const [folder, fonts] = process.argv.slice(2);

const settings = {
  loader: {
    require,
    paths: { mathjax: folder },
    load: ["adaptors/liteDOM", "input/tex", "output/chtml", "a11y/assistive-mml"],
    versionWarnings: false,
  },
  options: { enableAssistiveMml: true }, // for screen readers, beside the glyphs
  tex: {
    packages: { "[-]": ["noundefined"] },
    formatError(_, error) {
      throw error;
    },
  },
  chtml: { fontURL: fonts, matchFontHeight: false, adaptiveCSS: true },
  startup: { typeset: false },
};

// Attributes that no rule of the style sheet and no reader of MathML needs in a page.
const idle = / (?:data-mjx-texclass|texclass|unselectable|xmlns)="[^"]*"| style="position: relative;"| class=" MJX-TEX"/g;

function typeset(tex, display) {
  try {
    const html = MathJax.startup.adaptor.outerHTML(MathJax.tex2chtml(tex, { display }));
    return html.replace(idle, "");
  } catch (error) {
    throw new Error(`${error.message}: ${tex}`);
  }
}

require(`${folder}/node-main.js`)
  .init(settings)
  .then(() => {
    const html = JSON.parse(readFileSync(0, "utf-8")).map(([tex, display]) => typeset(tex, display));
    const css = MathJax.startup.adaptor.textContent(MathJax.chtmlStylesheet());
    process.stdout.write(JSON.stringify({ html, css }));
  })
  .catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
