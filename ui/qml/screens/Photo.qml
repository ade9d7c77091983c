import QtQuick
import QtQuick.Layouts
import "../controls"
import "../theme"

// Live picture, shutter, and the photos taken so far.
Page {
    id: page

    readonly property var body: Bridge.state.body
    readonly property var photos: body.photo_ids ?? []
    readonly property bool cameraOn: body.camera === "ready" || body.camera === "busy"
    readonly property bool full: photos.length >= body.limit
    readonly property bool sideBySide: !page.upright && !Theme.enlarged

    help: Bridge.state.help === "" ? Words.text("photo.help") : Bridge.state.help
    title: Bridge.state.title === "" ? Words.text("photo.title") : Bridge.state.title

    ProblemLine {
        objectName: "problem:photo"
        text: page.body.problem ? Words.message("problem", page.body.problem) : ""
        visible: !!page.body.problem
        width: parent.width
    }
    GridLayout {
        columnSpacing: Theme.mm(8.8)
        columns: page.sideBySide ? 2 : 1
        rowSpacing: Theme.wideGap
        width: parent.width

        Viewfinder {
            Layout.alignment: Qt.AlignTop
            Layout.fillWidth: true
            Layout.preferredWidth: 9
            on: page.cameraOn
            status: !page.cameraOn ? Words.text("photo.off") : page.body.capturing ? Words.text("photo.busy") : page.full ? Words.fill("photo.full", page.body) : Words.fill("photo.count", {
                "count": page.photos.length,
                "limit": page.body.limit
            })
        }
        ColumnLayout {
            Layout.alignment: Qt.AlignTop
            Layout.fillWidth: true
            Layout.preferredWidth: page.sideBySide ? 5 : 9
            spacing: Theme.wideGap

            PrimaryButton {
                Layout.fillWidth: true
                enabled: page.cameraOn && !page.full && !page.body.capturing
                iconFirst: true
                iconName: "camera"
                objectName: "button:take_photo"
                text: Words.text("button.take_photo")
                visible: page.cameraOn

                onAct: Bridge.visit.touch("take_photo")
            }
            GridLayout {
                Layout.fillWidth: true
                columnSpacing: Theme.gap
                columns: page.sideBySide || Theme.enlarged ? 2 : 3
                rowSpacing: Theme.gap
                uniformCellWidths: true
                visible: page.photos.length > 0

                Repeater {
                    model: page.photos

                    Thumbnail {
                        required property int index
                        required property string modelData

                        Layout.fillWidth: true
                        Layout.preferredWidth: 1
                        number: index + 1
                        photoId: modelData
                    }
                }
                Repeater {
                    model: Math.max(0, parent.columns - page.photos.length)

                    Item {
                        Layout.fillWidth: true
                        Layout.preferredWidth: 1
                    }
                }
            }
            Label {
                even: true
                Layout.fillWidth: true
                color: Theme.muted
                size: Theme.smallText
                text: Words.text("photo.private")
            }
        }
    }
}
