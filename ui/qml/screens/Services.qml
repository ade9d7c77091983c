pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import "../controls"
import "../theme"

// What this kiosk can do here.
Page {
    id: page

    help: Words.text("services.help")
    place: Words.text("services.place")
    title: Words.text("services.title")

    GridLayout {
        columnSpacing: Theme.gap
        columns: page.tiles.length > 4 && !Theme.enlarged ? 2 : 1
        rowSpacing: Theme.gap
        uniformCellWidths: true
        width: parent.width

        Repeater {
            model: page.tiles

            Tile {
                required property var modelData

                Accessible.checkable: false
                Accessible.role: Accessible.Button
                Layout.fillHeight: true
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                hint: Words.fill("services.minutes", modelData)
                iconName: modelData.icon
                grand: page.tiles.length <= 4
                implicitHeight: Math.max(Theme.mm(grand ? 60 : 42), implicitContentHeight + topPadding + bottomPadding)
                objectName: "service:" + modelData.service
                repeatTime: Touch.repeatTime
                ticked: false
                text: modelData.label

                onAct: Bridge.visit.chooseService(modelData.service)
            }
        }
    }

    readonly property var tiles: Bridge.state.body.tiles ?? []
}
