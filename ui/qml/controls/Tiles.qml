pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import "../theme"

// The options of a question as tiles in equal columns.
GridLayout {
    id: tiles

    property string name: ""
    property var options: []
    property var value: ""
    property var chosen: value  // what is shown: a touch is seen at once, before the visit has taken it
    property bool several: false
    property real least: brief ? 27 : wide && options.length > 12 ? 30 : 34.3  // millimetres of a tile's height
    property bool alone: true  // there is no other question on the page
    readonly property Echo echo: Echo {
        onLost: tiles.chosen = tiles.value
    }
    readonly property bool wide: width > Theme.mm(300)
    // Many short words beside another question, such as currencies: three low ones in a row leave room for that question.
    readonly property bool brief: !alone && options.length > 6 && options.every(option => option.icon === "" && option.hint === "")
    readonly property int most: Theme.growth > 1.5 ? 1 : Theme.enlarged ? (wide ? 2 : 1) : wide || brief ? 3 : 2

    signal edited(var value)

    function isChosen(value: string): bool {
        return several ? (chosen ?? []).indexOf(value) >= 0 : chosen === value;
    }

    function choose(value: string): void {
        const answer = several ? options.map(option => option.value).filter(each => each === value ? !isChosen(each) : isChosen(each)) : value;
        chosen = answer;
        tiles.echo.sent(answer);
        edited(answer);
    }

    onValueChanged: {
        if (tiles.echo.isNews(value))
            chosen = value;
    }

    columnSpacing: Theme.gap
    // A few options stand one beneath the other where there is room: they are read from top to bottom.
    columns: options.length > 6 ? most : alone ? 1 : Math.min(most, options.length, 2)
    rowSpacing: Theme.gap
    uniformCellWidths: true

    Repeater {
        model: tiles.options

        Tile {
            required property var modelData

            Layout.fillHeight: true
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            implicitHeight: Math.max(Theme.mm(tiles.least), implicitContentHeight + topPadding + bottomPadding)
            hint: modelData.hint
            iconName: modelData.icon
            objectName: "tile:" + tiles.name + ":" + modelData.value
            selected: tiles.isChosen(modelData.value)
            several: tiles.several
            text: modelData.label

            onAct: tiles.choose(modelData.value)
        }
    }
}
