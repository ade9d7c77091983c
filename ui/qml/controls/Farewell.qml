pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// A screen without a way on: large, calm, in every language; beneath each other, or side by side where that is wider.
Rectangle {
    id: farewell

    property string screenKey: ""
    property string iconName: ""
    property bool withDesk: false
    readonly property var tags: Bridge.site.languages
    readonly property bool upright: height > width
    readonly property int side: Theme.mm(22)

    anchors.fill: parent
    color: Theme.band

    Column {
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.mm(farewell.upright ? 16 : 20)
        width: parent.width - 2 * farewell.side
        x: farewell.side

        Rectangle {
            color: Theme.bandCard
            height: Theme.mm(41.5)
            radius: Theme.mm(9)
            width: height

            Icon {
                anchors.centerIn: parent
                colour: Theme.stepDone
                name: farewell.iconName
                size: Theme.mm(21)
            }
        }
        Grid {
            id: parts

            columnSpacing: Theme.mm(20)
            columns: farewell.upright ? 1 : farewell.tags.length
            rowSpacing: Theme.mm(16)
            width: parent.width

            Repeater {
                model: farewell.tags

                Column {
                    id: part

                    required property int index
                    required property string modelData
                    readonly property string desk: Bridge.site.desk[modelData] ?? ""

                    spacing: Theme.mm(3.5)
                    width: (parts.width - (parts.columns - 1) * parts.columnSpacing) / parts.columns

                    Label {
                        Accessible.role: Accessible.Heading
                        bold: true
                        color: Theme.bandInk
                        even: true
                        font.family: Theme.familyOf(part.modelData)
                        size: Theme.mm(!farewell.upright ? 15.5 : part.index === 0 ? 22 : 15)
                        text: Words.spoken(part.modelData, farewell.screenKey + ".title")
                        width: parent.width
                    }
                    Label {
                        color: Theme.bandInkMuted
                        even: true
                        font.family: Theme.familyOf(part.modelData)
                        size: Theme.mm(10)
                        text: Words.spoken(part.modelData, farewell.screenKey + ".help")
                        width: parent.width
                    }
                    Label {
                        color: Theme.bandInk
                        even: true
                        font.family: Theme.familyOf(part.modelData)
                        size: Theme.mm(10)
                        text: Words.spoken(part.modelData, "out_of_service.desk") + " " + part.desk
                        visible: farewell.withDesk && part.desk !== ""
                        width: parent.width
                    }
                    Label {
                        color: Theme.bandInk
                        font.family: Theme.familyOf(part.modelData)
                        size: Theme.mm(10)
                        text: Words.spoken(part.modelData, "out_of_service.emergency")
                        visible: farewell.withDesk
                        width: parent.width
                    }
                }
            }
        }
    }
}
