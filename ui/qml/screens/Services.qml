pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import "../controls"
import "../theme"

// What this kiosk can do here: a few services as large tiles; of many the first one large, the others by group.
Page {
    id: page

    readonly property var tiles: Bridge.state.body.tiles ?? []
    readonly property bool few: tiles.length <= 4
    readonly property var large: few ? tiles : tiles.slice(0, 1)
    readonly property var groups: few ? [] : grouped(tiles.slice(1))
    readonly property int columns: Theme.growth > 1.5 || (Theme.enlarged && page.upright) ? 1 : !page.upright && !Theme.enlarged ? 3 : 2

    // Groups in the order in which the site names them first.
    function grouped(tiles: var): var {
        const found = [];
        for (const tile of tiles) {
            const group = found.find(each => each.group === tile.group);
            if (group === undefined)
                found.push({
                    "group": tile.group,
                    "tiles": [tile]
                });
            else
                group.tiles.push(tile);
        }
        return found;
    }

    help: Words.text("services.help")
    place: Words.text("services.place")
    spacing: few ? Theme.gap : Theme.mm(6)
    title: Words.text("services.title")

    Repeater {
        model: page.large

        ServiceButton {
            required property var modelData

            grand: true
            implicitHeight: Math.max(Theme.mm(page.few ? 60 : 47), implicitContentHeight + topPadding + bottomPadding)
            service: modelData
            width: page.contentWidth
        }
    }
    Repeater {
        model: page.groups

        Column {
            id: group

            required property var modelData

            spacing: Theme.mm(2)
            width: page.contentWidth

            Label {
                Accessible.role: Accessible.Heading
                bold: true
                color: Theme.muted
                even: true
                size: Theme.supportText
                text: group.modelData.group === "" ? "" : Words.text("services.group." + group.modelData.group)
                visible: text !== ""
                width: parent.width
            }
            GridLayout {
                columnSpacing: Theme.gap
                columns: page.columns
                rowSpacing: Theme.gap
                uniformCellWidths: true
                width: parent.width

                Repeater {
                    model: group.modelData.tiles

                    ServiceButton {
                        required property var modelData

                        Layout.fillHeight: true
                        Layout.columnSpan: group.modelData.tiles.length === 1 ? page.columns : 1  // alone in its group
                        Layout.fillWidth: true
                        Layout.preferredWidth: 1
                        implicitHeight: Math.max(Theme.mm(29), implicitContentHeight + topPadding + bottomPadding)
                        service: modelData
                    }
                }
                // A row that is not full keeps the width of its tiles.
                Repeater {
                    model: group.modelData.tiles.length === 1 ? 0 : Math.max(0, page.columns - group.modelData.tiles.length)

                    Item {
                        Layout.fillWidth: true
                        Layout.preferredWidth: 1
                    }
                }
            }
        }
    }
}
