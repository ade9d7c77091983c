.pragma library

// Entries of all headings, each once: a station stands under every line that calls there.
function entriesOf(headings) {
    const seen = new Set();
    const found = [];
    for (const heading of headings)
        for (const option of heading.options)
            if (!seen.has(option.value)) {
                seen.add(option.value);
                found.push(option);
            }
    return found;
}

function isChinese(text) {
    return /[\u2e80-\uffff]/.test(text);
}

// Without case, accents and the width of letters.
function folded(text) {
    return text.trim().normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

// What the simplified names write for traditional characters: every list brings its own table of them (decision 0290).
function simplerOf(entries) {
    const simpler = new Map();
    for (const entry of entries) {
        const [full = "", short = ""] = entry.names.map(folded);  // traditional, simplified
        if (full.length === short.length)
            for (let place = 0; place < full.length; ++place)
                if (isChinese(full[place]) && !simpler.has(full[place]))
                    simpler.set(full[place], short[place]);
    }
    return simpler;
}

function simplified(text, simpler) {
    return Array.from(folded(text), letter => simpler.get(letter) ?? letter).join("");
}

function beginsSo(text, wanted) {
    return text.startsWith(wanted) || text.replace(/ /g, "").startsWith(wanted.replace(/ /g, ""));
}

// 0: a name begins so; 1: a later word begins so, or Chinese words hold it; 2: neither.
function distance(names, wanted) {
    if (names.some(name => beginsSo(name, wanted)))
        return 0;
    const holds = isChinese(wanted) ? name => name.includes(wanted) : name => name.split(/[\s()'’.,/-]+/).some(word => word.startsWith(wanted));
    return names.some(holds) ? 1 : 2;
}

// The entries that fit what was typed, in whichever language: those that begin with it first.
function matching(entries, typed) {
    const simpler = simplerOf(entries);
    const wanted = simplified(typed, simpler);
    if (wanted === "")
        return [];
    const near = [[], [], []];
    for (const entry of entries)
        near[distance([entry.label, ...entry.names].map(name => simplified(name, simpler)), wanted)].push(entry);
    return near[0].concat(near[1]);
}
