// Search over the pages' sections, every word in any order; the index is a script, so that it also
// works on pages that are opened from disk.
(() => {
  "use strict";
  const EMPTY = new Set(
    ("a an and are as at be by can do does for from get has have how i if in into is it its make " +
      "me much my of on or that the there this to up use using what when where which with you your").split(" ")
  );
  const ALIKE = {
    cost: ["price", "budget", "dollars"], costs: ["price", "budget"], price: ["cost"], money: ["price", "budget"],
    hub: ["hugging"], huggingface: ["hub"], push: ["upload", "publish"], upload: ["push", "hub"],
    csv: ["columns"], excel: ["csv", "columns"], spreadsheet: ["csv", "columns"],
    annotate: ["label"], human: ["people"], humans: ["people"], install: ["pip"], gpu: ["hf-jobs"],
    finetune: ["train", "fine-tuning"], confidence: ["interval", "calibration"], setup: ["install"],
  };
  // what people come with, and the pages of the ten names of the front door
  const FRONT = /^(tutorials|commands|index|data\/21_|recipe\/(03|15|22)_|agreement\/(09|14)_|views\/(07|10|12)_)/;
  const stem = (word) => (word.length > 4 ? word.replace(/(ings?|ed|es|s|e)$/, "") : word);
  const wordsOf = (text) => text.toLowerCase().split(/[^\p{L}\p{N}_-]+/u).filter((w) => w.length > 1);

  // How often words begin with it, up to four: "untrained" is no answer to "train".
  const count = (text, word) => {
    let n = 0;
    for (let at = text.indexOf(word); at >= 0 && n < 4; at = text.indexOf(word, at + word.length)) {
      if (!/[\p{L}\p{N}]/u.test(text[at - 1] || " ")) n += 1;
    }
    return n;
  };
  const worth = (entry, word) => 8 * Math.min(1, count(entry.head, word)) + 5 * Math.min(1, count(entry.name, word)) + count(entry.body, word);

  const meant = (query) => {
    const all = wordsOf(query);
    const asked = all.filter((word) => !EMPTY.has(word));
    return asked.length ? asked : all;
  };

  // What is marked in a piece of text, the word that stands in it first: from that on it is shown.
  window.judgeDistillWords = (query, text) => {
    const low = text.toLowerCase();
    const words = meant(query).flatMap((word) => [word, ...(ALIKE[word] || [])]).map(stem);
    return words.filter((word) => low.includes(word)).join(" ");
  };

  window.judgeDistillSearch = (query, index, limit) => {
    const words = meant(query);
    if (!words.length) return [];
    for (const entry of index) {
      if (entry.head !== undefined) continue;
      entry.head = (entry.section || "").toLowerCase();
      entry.name = entry.title.toLowerCase();
      entry.body = entry.text.toLowerCase();
    }
    const hits = [];
    for (const entry of index) {
      let score = 0, met = 0;
      for (const word of words) {
        let value = worth(entry, stem(word));
        for (const other of ALIKE[word] || []) value = Math.max(value, worth(entry, stem(other)) * 0.8);
        if (value) met += 1;
        score += Math.min(value, 14);
      }
      if (words.length > 1 && entry.body.includes(query.toLowerCase())) score += 12;
      const named = wordsOf(entry.head).filter((word) => !EMPTY.has(word)).map(stem);
      if (named.length && named.every((word) => words.some((asked) => word.startsWith(stem(asked))))) score += 6;
      if (FRONT.test(entry.href)) score *= 1.25;
      if (/^index.*#how-it-flows/.test(entry.href)) score *= 0.3;  // it names every page
      if (/^changelog/.test(entry.href)) score *= 0.4;
      if (met) hits.push({ entry, met, score });
    }
    hits.sort((a, b) => b.met - a.met || b.score - a.score);
    const most = hits.length ? hits[0].met : 0;
    const pages = {};  // of a page its two best places
    return hits.filter((hit) => {
      const page = hit.entry.href.split("#")[0];
      pages[page] = (pages[page] || 0) + 1;
      return pages[page] <= 2 && hit.met >= Math.max(1, most - (most > 2 ? 1 : 0));
    }).slice(0, limit).map((hit) => hit.entry);
  };
})();
