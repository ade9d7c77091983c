.pragma library

// Roads to begin a drawing with, as lines of the drawing itself: whoever reads it later sees them, too.
const LINES = {
    "straight": ["380,0 380,1000", "620,0 620,1000", "500,60 500,180", "500,300 500,420", "500,580 500,700", "500,820 500,940"],
    "junction": ["380,0 380,380 0,380", "620,0 620,380 1000,380", "380,1000 380,620 0,620", "620,1000 620,620 1000,620"],
    "roundabout": ["400,0 400,235", "600,0 600,235", "400,1000 400,765", "600,1000 600,765", "0,400 235,400", "0,600 235,600", "1000,400 765,400", "1000,600 765,600", "400,235 327,276 276,327 235,400", "600,235 673,276 724,327 765,400", "400,765 327,724 276,673 235,600", "600,765 673,724 724,673 765,600", "500,380 585,415 620,500 585,585 500,620 415,585 380,500 415,415 500,380"]
};

const NAMES = Object.keys(LINES);

// Lines of a drawing "x,y x,y;x,y …"; what is not one yields none.
function linesOf(value) {
    return value === "" ? [] : value.split(";").filter(line => /^\d{1,4},\d{1,4}( \d{1,4},\d{1,4})*$/.test(line));
}

// The name of the road with which these lines begin, or "".
function roadOf(lines) {
    return NAMES.find(name => LINES[name].every((line, place) => lines[place] === line)) ?? "";
}

// The same drawing upon another road; the same road again takes it away.
function onRoad(lines, name) {
    const before = roadOf(lines);
    const drawn = before === "" ? lines : lines.slice(LINES[before].length);
    return name === before ? drawn : LINES[name].concat(drawn);
}
