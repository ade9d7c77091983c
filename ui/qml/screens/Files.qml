pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import "../controls"
import "../theme"

// Files from the visitor's own phone: a code to scan, and what has arrived.
Page {
    id: page

    readonly property var body: Bridge.state.body
    readonly property string way: body.state ?? "opening"
    readonly property var files: body.files ?? []
    readonly property bool open: way === "open" && body.code !== ""
    readonly property bool sideBySide: !page.upright && !Theme.enlarged

    // "2 pictures · 1 video": how many of each kind there are.
    function counted(): string {
        const kinds = ["picture", "video", "sound", "document"];
        return kinds.map(kind => [kind, files.filter(file => file.kind === kind).length]).filter(each => each[1] > 0).map(each => Words.fill("files." + each[0] + (each[1] === 1 ? "_one" : "_many"), {
                "count": each[1]
            })).join(" · ");
    }

    help: Bridge.state.help === "" ? Words.text("files.help") : Bridge.state.help
    title: Bridge.state.title === "" ? Words.text("files.title") : Bridge.state.title

    Column {
        spacing: Theme.wideGap
        visible: page.way === "opening" || (page.way === "open" && !page.open)
        width: parent.width

        Label {
            color: Theme.muted
            even: true
            text: Words.text("files.opening")
            width: parent.width
        }
        Dots {}
    }
    MessageLine {
        iconName: "info"
        objectName: "files:state"
        text: page.way === "closed" ? Words.text("files.closed") : Words.text("files.unreachable")
        visible: page.way === "unreachable" || page.way === "closed"
        width: parent.width
    }
    Card {
        visible: page.open
        width: parent.width

        GridLayout {
            columnSpacing: Theme.mm(9)
            columns: Theme.growth > 1.5 && page.upright ? 1 : 2
            rowSpacing: Theme.mm(5)
            width: parent.width

            Code {
                Layout.alignment: Qt.AlignTop | Qt.AlignLeft
                Layout.preferredHeight: Theme.mm(96)
                Layout.preferredWidth: Theme.mm(96)
                objectName: "files:code"
                say: Words.text("files.code_say")
            }
            Column {
                id: steps

                Layout.alignment: Qt.AlignVCenter
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                spacing: Theme.mm(5)

                Repeater {
                    model: ["files.step_1", "files.step_2", "files.step_3"]

                    NumberedLine {
                        required property int index
                        required property string modelData

                        number: index + 1
                        text: Words.text(modelData)
                        width: steps.width
                    }
                }
            }
        }
    }
    Column {
        spacing: Theme.mm(2)
        visible: page.open || page.files.length > 0
        width: parent.width

        Label {
            bold: true
            even: true
            objectName: "files:count"
            size: Theme.headingText
            text: page.files.length === 0 ? Words.text("files.none") : Words.fill(page.files.length >= page.body.limit ? "files.full" : "files.arrived", {
                "count": page.files.length,
                "limit": page.body.limit
            })
            width: parent.width
        }
        Label {
            color: Theme.muted
            even: true
            objectName: "files:kinds"
            size: Theme.supportText
            text: page.counted()
            visible: text !== ""
            width: parent.width
        }
    }
    GridLayout {
        columnSpacing: Theme.gap
        columns: page.sideBySide && page.files.length > 1 ? 2 : 1
        rowSpacing: Theme.gap
        uniformCellWidths: true
        visible: page.files.length > 0
        width: parent.width

        Repeater {
            model: page.files

            FileLine {
                required property int index
                required property var modelData

                Layout.fillWidth: true
                Layout.preferredWidth: 1
                file: modelData
                number: index + 1
            }
        }
    }
}
